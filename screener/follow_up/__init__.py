"""The desk's work on a submission: states, transitions, events, notes. The only writer of a follow-up."""
