"""Expressions, a module for each kind; `dispatch` finds the handler."""
