"""A supplier's answer to a need: who may give it, how it changes, who reads it, what is told of it."""
