"""How states are packed into words, and how their parts are read and written."""
