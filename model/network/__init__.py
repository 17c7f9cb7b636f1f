"""Models of the network of pods."""
