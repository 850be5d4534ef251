"""What the desk supports: products with their components and releases."""
