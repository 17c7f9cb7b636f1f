"""How memory and processors are given from the NUMA nodes of a machine."""
