"""The Pod Security Standards: what baseline and restricted namespaces take in."""
