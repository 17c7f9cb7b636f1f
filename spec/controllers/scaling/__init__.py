"""How many replicas a HorizontalPodAutoscaler wants, and how fast it may get there."""
