"""What crosses a service border, and nothing else: see README.md for the entrance test."""
