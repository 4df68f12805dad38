"""Webhooks: what happens to an organisation, told to a program of its own by HTTP."""
