"""From the envelope to the person who is told: who it is, the letter that is owed, and the post that brings it."""
