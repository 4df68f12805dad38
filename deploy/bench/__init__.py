"""Benchmarks: the product beside the floor of its own engines, in one run."""
