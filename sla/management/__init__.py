"""Commands of time promises."""
