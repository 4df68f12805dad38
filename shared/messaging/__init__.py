"""Facts between services: outbox, relay, JetStream, pull consumer, inbox and dead letters."""
