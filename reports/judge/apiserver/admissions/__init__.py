"""Judges of admission: creations of pods and under quotas, webhooks and policies."""
