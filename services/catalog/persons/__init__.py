"""What is kept about a person: given to them whole, and erased when they ask."""
