"""How pods and containers on a node begin, are probed, restart and end."""
