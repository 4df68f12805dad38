"""Legal entities and their establishments."""
