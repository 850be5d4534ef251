"""REST API, version 1: additive changes only (api.md)."""
