"""Which user or database role may open what: the recorded layout, and what a process refuses to be able to open."""
