"""Accounts, members and sessions."""
