"""Calls for projects: the territory or a partner asks, organisations apply, and each is told what was decided."""
