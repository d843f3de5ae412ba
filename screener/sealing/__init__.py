"""Hybrid public-key encryption of boxes: bytes in, bytes out, and no framework."""
