"""What `planespec new` writes: files to begin with, which hold and whose tests pass."""
