"""Campaigns and pledges: who is told of what was promised, and of how it ended."""
