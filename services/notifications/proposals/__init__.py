"""Who hears of proposals: the need's people, whoever proposed, and whoever is to take part."""
