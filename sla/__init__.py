"""Time promises: what was promised, how much of it is used, and whether it was kept."""
