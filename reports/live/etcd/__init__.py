"""Real etcd beside `spec.etcd`: members as processes, the JSON gateway, histories, the hunt."""
