"""A call for projects that opens is told to every organisation that may answer it, one after the other."""
