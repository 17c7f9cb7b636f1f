"""Models of the controllers of StatefulSets, DaemonSets, Jobs and CronJobs."""
