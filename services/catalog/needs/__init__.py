"""Needs: what an organisation seeks."""
