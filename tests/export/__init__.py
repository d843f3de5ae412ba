"""What leaves as a file is whole, exact, safe in a spreadsheet, and provable."""
