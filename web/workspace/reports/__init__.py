"""The reports of the workspace."""
