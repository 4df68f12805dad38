"""Figures that the law, a programme or the territory sets, dated and with their source: never in code."""
