"""Who hears of settlements: the side that has something to do or to know next."""
