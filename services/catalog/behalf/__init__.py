"""Posting for an organisation that agreed to it, on the phone for instance: who did, for whom, with which consent."""
