"""Controllers side by side over one store."""
