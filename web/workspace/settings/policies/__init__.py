"""The pages of policies: their order, the form with its simulator, and how they read."""
