"""What is owed under an agreement and how it was settled, in a ledger whose sum is always zero."""
