"""Why schedulers write."""
