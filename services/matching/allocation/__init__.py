"""Splitting flows among several takers: a proposal with its gains, which only its publisher's yes puts into effect."""
