"""Dossiers as web pages that need nothing but a browser: no network, no server, no other file."""
