"""What a container runtime answers to the calls of the Container Runtime Interface."""
