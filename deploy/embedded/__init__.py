"""The embedded house: PostgreSQL, NATS and the three services on one machine, started by one command."""
