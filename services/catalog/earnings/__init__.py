"""What an organisation was paid in a year, quarter by quarter, with what a platform reports of a seller (DAC7)."""
