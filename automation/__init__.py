"""What acts without a person having to say every step: macros."""
