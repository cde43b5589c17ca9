"""The simulator against the closed forms of what it plants."""
