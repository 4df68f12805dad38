"""Agreements: what two organisations concluded from a chosen proposal, on paper, signed by both, and how it goes."""
