"""Raft as etcd runs it: quorums, membership, replication progress, and the node itself.

Sources: the Raft paper (Ongaro and Ousterhout 2014), Ongaro's thesis, and go.etcd.io/raft v3.6.
"""
