"""Walk a model and a real system in step."""
