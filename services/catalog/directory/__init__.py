"""The public directory of organisations."""
