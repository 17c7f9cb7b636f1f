"""Why kubelets write, and controllers that look at nodes."""
