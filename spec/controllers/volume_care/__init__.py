"""Controllers of claims and volumes: bound to each other, protected, attached to nodes."""
