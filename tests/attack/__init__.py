"""``python -m tests.attack``: a scanner of web faults against the form and the desk, as a site runs them."""
