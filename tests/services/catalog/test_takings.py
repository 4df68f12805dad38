"""Taking parts of lots: who may, how much is left, when it is free again, who reads it, and what is told of it."""
