"""Live scenarios judged as traces: each version has a cause, each write a reason."""
