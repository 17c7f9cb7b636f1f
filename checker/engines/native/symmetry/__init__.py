"""The representative of a state among all it becomes by renaming individuals."""
