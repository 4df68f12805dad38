"""What open pages are told at once: events in commit order, one stream a browser."""
