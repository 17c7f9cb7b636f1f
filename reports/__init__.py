"""What we found: command line, pages and machine-readable results, on top of everything."""
