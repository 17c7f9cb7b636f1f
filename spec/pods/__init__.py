"""What a pod's spec means, apart from where it runs: resources, quality of service, defaults."""
