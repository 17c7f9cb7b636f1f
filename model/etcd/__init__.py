"""The etcd key-value store as a state machine."""
