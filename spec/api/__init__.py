"""The API server: who may, in what order requests are handled, what is stored and watched."""
