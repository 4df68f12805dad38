"""The dashboard: what waits for me."""
