"""One attempt to schedule a pod, from what admission makes of it to the reasons that remain."""
