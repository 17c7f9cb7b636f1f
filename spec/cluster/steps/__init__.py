"""Requirements on steps: what may change from one event of a watch or audit log to the next."""
