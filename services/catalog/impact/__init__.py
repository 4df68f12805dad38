"""What came of confirmed exchanges: figures with their method, range and source, each counted once."""
