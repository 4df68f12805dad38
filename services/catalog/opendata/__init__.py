"""What is public as whole files for whoever computes with it, with the dictionary of every column."""
