"""What a subject can become: its rights, the steps they open, and the shortest ways to more."""
