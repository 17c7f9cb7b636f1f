"""What every controller stands on: its queues, what it has seen, what it waits for, its lease."""
