"""What is required of controllers that take pods away, list them as endpoints, or scale them."""
