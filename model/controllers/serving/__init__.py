"""Controllers that serve: endpoints of services, and how many replicas there are."""
