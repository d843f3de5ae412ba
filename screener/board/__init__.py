"""The notice board: what the staff side tells the public side, and nothing about any person."""
