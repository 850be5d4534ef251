"""Agreements: what organisations bought, who looks after them, and when they end."""
