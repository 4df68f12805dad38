"""What a coordinator of the territory does: checks organisations, looks at what waits, sees what is stuck."""
