"""The rules for pods and pod templates."""
