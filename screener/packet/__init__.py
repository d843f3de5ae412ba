"""The IRB packet: every text of one locale, as one HTML file and its PDF."""
