"""A small Stripe for tests and for the mode `simulated`: what a marketplace asks, and no bank behind it."""
