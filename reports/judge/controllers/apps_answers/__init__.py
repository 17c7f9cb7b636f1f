"""What is answered about ReplicaSets, Deployments, StatefulSets and DaemonSets, and the judge."""
