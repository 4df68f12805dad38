"""Notifications: who is told what, when, and how."""
