"""Email to staff: an outbox in the store, message kinds with their templates, transports, delivery with retries."""
