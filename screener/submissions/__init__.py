"""What was sent, from inbox to store: envelopes, boxes, references."""
