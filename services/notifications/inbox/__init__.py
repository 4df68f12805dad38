"""What lies in an organisation's inbox, and who has read it."""
