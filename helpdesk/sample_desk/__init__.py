"""The sample desk: people, products and some forty tickets to look around in."""
