"""The way in: one-time links, passwords, and the set-up of a new desk."""
