"""What the API server's admission plugins make of an object before it is stored."""
