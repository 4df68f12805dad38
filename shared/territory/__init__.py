"""Where things are: communes, EPCI, departments, regions, the distance between two places, and an offer's areas.

`place` holds what travels in events (pure, no data file); `gazetteer` reads the built list of communes; `build` makes
that list; `territories` tells which territories with a competence a place belongs to.
"""
