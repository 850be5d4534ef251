"""How words travel out of the desk: the outbox, and the mails that leave from it."""
