"""Dossiers as Markdown, for repositories and merge requests."""
