"""What the API server refuses of an object beyond its schema: the rules of `validation.go`."""
