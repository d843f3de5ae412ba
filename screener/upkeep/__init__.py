"""What keeps a deployment sound: its schema, roles, backups, erasure and keys."""
