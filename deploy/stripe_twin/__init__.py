"""A small Stripe for tests and for the mode `simulated`: the calls a marketplace makes, no card and no bank behind them."""
