"""Real systems, started and driven beside their specification."""
