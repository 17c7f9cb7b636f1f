"""Does the outcome of a loop depend on the order of its rounds? `orders` refuses those that do."""
