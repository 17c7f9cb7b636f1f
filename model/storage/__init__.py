"""Volumes of storage drivers: made, attached, mounted, and back."""
