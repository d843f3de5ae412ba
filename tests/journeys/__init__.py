"""Whole stories, through the shipped server."""
