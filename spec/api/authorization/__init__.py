"""Who may do what: authorizers, attributes of requests, impersonation, escalation checks."""
