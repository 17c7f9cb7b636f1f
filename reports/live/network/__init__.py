"""CNI plugins as processes, and the rules of addresses walked beside them."""
