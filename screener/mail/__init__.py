"""Email that is owed: an outbox, messages, a transport, retries."""
