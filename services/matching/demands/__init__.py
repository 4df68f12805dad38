"""Needs and flows as matching needs them, and what happens when catalog tells of them."""
