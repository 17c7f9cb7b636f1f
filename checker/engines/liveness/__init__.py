"""The liveness engine: does something good happen on every fair behaviour?"""
