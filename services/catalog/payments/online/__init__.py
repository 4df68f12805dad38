"""Paying through Stripe: what is asked, what is heard, and what becomes of the ledger (decision 64)."""
