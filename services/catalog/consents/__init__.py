"""Consents with which something was posted in an organisation's place: kept, read by it and by coordinators."""
