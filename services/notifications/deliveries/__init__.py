"""Messages that leave: an intent is a row first, then claimed, sent, tried again or given up."""
