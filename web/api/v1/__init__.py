"""REST API, version 1: additive changes only (docs/api.md)."""
