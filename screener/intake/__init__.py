"""The public pages: start, interest, check your answers, received, privacy, accessibility."""
