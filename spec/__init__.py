"""What must hold: requirements and rules. Imports the standard library only."""
