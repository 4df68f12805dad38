"""Organisations as the search finds them: by name and commune, with what the legal entity behind them is."""
