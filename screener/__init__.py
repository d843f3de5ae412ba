"""Screener: a trial-interest form that collects, seals and routes, and never judges."""

__version__ = "0.1.0"
