"""A real browser and a real HTML validator, on a machine that has only python3 and make."""
