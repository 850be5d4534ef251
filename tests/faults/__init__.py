"""Real processes, ended and cut off in the middle of their work (docs/architecture.md)."""
