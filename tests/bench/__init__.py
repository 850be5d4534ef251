"""`make bench`: our pages and API beside the reference page, in one run (speed of the desk)."""
