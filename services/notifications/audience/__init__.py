"""Who may be told: organisations, their members, and how members are reached."""
