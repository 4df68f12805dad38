"""One box for open needs, flows and offers."""
