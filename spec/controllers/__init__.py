"""What controllers make: the pods of a workload, and the claims that belong to them."""
