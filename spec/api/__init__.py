"""The API server: what decides about a request, and what is stored."""
