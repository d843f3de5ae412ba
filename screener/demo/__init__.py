"""An invented season of work: forms that nobody sent, and a desk that looks lived in."""
