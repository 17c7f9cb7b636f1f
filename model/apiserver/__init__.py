"""The API server: what is stored and watched, written, collected, and ended with its namespace."""
