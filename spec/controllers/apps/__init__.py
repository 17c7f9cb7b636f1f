"""ReplicaSets, Deployments, StatefulSets and DaemonSets: what one sync of a workload does."""
