"""What controllers decide: the pods of a workload, its claims, and the machinery beneath."""
