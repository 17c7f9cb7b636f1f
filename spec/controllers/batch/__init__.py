"""Jobs and CronJobs: when they run, what counts as done, and when they have failed."""
