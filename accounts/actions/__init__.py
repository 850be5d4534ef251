"""Every change of people, teams, organisations, tokens and the desk is a function in here."""
