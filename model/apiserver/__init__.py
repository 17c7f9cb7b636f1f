"""The API server: what it admits, stores, shows and lets through, as models of small parts.

- `flow`: priority and fairness. `flow_queues` has levels, queues and seats; `flow_waiting` the
  time that requests may wait, `flow_borrowing` how levels lend seats, `flow_callback` a webhook
  whose requests pass the limits of the server that waits for it.
- admission: `webhook_chain`, `quota_admission` and `quota_unbounded`, `guarded_cluster`.
- access: `role_grants`, `request_paths`, `node_powers`.
- `stored`: what is stored, watched, collected, over one store.
"""
