"""Why a pod fits a node or not: the scheduler's rules, told node by node."""
