"""Webhooks and policies: what has a say in admission and is no plugin of the API server."""
