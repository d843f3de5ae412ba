"""Shutting and opening boxes: bytes in, bytes out, and no framework."""
