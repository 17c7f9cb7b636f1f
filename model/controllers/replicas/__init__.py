"""ReplicaSets that keep a number of pods, and Deployments that roll out over them."""
