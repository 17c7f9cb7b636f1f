"""What the API server does with objects of each kind before it stores them."""
