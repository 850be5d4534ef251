"""The customers' door: file an issue, follow it, answer it."""
