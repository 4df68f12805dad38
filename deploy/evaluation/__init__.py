"""Evaluation of text matching: how good suggestions, search and ranking are, with intervals."""
