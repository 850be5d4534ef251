"""Tests of starting, stopping and checking the whole helpdesk with real processes."""
