"""Mandates to bill: who is paid lets who pays write its invoices, until one of them ends it."""
