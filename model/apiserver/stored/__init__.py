"""What the API server stores, shows and collects: parts of one store, each checked alone, too.

- `watch_caches`: etcd's history and the caches of several servers; `storage_clients`: who lists
  and watches there. `object_writers`: who writes and deletes; `writers` are these alone.
- `collection`: the garbage collector; `namespaces`: the end of a namespace.
- `one_store`: all of these together; `model/scheduler/stored_cluster.py` has the scheduler there.
- `unbounded_storage`: revisions without a bound. `service_addresses`, `address_repair`: addresses
  that several servers give to Services.
"""
