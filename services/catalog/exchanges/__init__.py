"""Exchanges: what two organisations have on between them, as one timeline of messages and of what happened."""
