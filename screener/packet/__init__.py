"""Everything that one locale says to people, in one file that a site sends to its IRB."""
