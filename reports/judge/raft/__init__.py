"""Judges of Raft: recorded scenarios, transcripts, tables of quorums, and traces."""
