"""Routing: from the envelope to the coordinator who is assigned, and the email that is enqueued for them."""
