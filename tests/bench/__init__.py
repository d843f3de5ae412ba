"""What it costs, beside what the same work costs bare: run with ``make bench``, never by the tests."""
