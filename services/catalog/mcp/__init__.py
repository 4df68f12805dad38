"""The catalogue for assistants: a Model Context Protocol server that reads, and changes nothing."""
