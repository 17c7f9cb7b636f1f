"""Rules for kinds by which the API server itself is set up: what it serves, and for whom first."""
