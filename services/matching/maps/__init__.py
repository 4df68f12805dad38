"""The map of what is open, and the outlines that every map of Boucle is drawn with."""
