"""The settings pages: one pattern, a list and a form, each going through the actions."""
