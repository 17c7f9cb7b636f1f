"""What is read: files of others, line by line or whole, recordings, the catalogue of models."""
