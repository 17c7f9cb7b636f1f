"""What runs compiled code: building, memory, threads, searches, walks, counterexamples."""
