"""The vocabulary as everybody may browse it: categories, what they are called, and their official codes."""
