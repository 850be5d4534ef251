"""The agents' pages under /agent/."""
