"""What this service keeps about one person: told to them, and forgotten when they are erased."""
