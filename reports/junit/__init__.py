"""Dossiers as JUnit XML, which every CI system reads."""
