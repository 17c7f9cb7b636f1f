"""A real container runtime, asked over its socket and walked beside its rules."""
