"""The doors: pages and API, no models and no rules of their own."""
