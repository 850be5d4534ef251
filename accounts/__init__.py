"""Who: people, roles, teams, organisations, tokens, and how somebody proves who they are."""
