"""What all of the front end stands on: types, names in scope, expressions being built."""
