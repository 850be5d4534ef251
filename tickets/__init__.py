"""The issue: tickets, their messages, and the one door through which they change."""
