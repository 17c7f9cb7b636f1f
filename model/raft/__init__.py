"""Raft: leader election alone, and the small bounded Raft used to measure checkers."""
