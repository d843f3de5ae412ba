"""The demo: an invented season of submissions and follow-up, made through the pages of both sides."""
