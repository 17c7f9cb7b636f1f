"""Rules of the API server: requests, what answers them, what is stored and watched."""
