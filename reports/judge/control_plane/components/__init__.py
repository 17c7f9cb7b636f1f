"""What each component of a control plane writes, and when: one module or more for each."""
