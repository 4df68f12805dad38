"""People and their organisations: who is in a team, who is invited, whom one acts for now."""
