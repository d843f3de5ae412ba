"""Where coordinators work: who is next, what they may say, how to reach them, what was tried, what comes now."""
