"""What the API server does with a request for an object: the write path, patches, ownership."""
