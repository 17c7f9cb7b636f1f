"""Storage: what a CSI driver answers, and what it then has."""
