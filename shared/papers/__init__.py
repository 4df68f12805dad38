"""Papers: what a page says, as a file that can be printed, filed and read aloud."""
