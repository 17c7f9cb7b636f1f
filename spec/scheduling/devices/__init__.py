"""Dynamic resource allocation: which devices there are, what claims ask for, who gets which."""
