"""The API server: what it admits, stores, shows and lets through, as models of small parts."""
