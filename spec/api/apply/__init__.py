"""Server-side apply: who owns which fields, and how what is applied merges with what is there."""
