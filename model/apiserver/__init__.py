"""The API server: what it admits, stores, shows and lets through, as models of small parts.

- `flow`: priority and fairness. `flow_queues` has levels, queues and seats; `flow_waiting` the
  time that requests may wait, `flow_borrowing` how levels lend seats, `flow_callback` a webhook
  whose requests pass the limits of the server that waits for it. `flow_seats` is what is proved
  for any number of seats, `flow_shutdown` the controller of the levels when its server stops.
- Admission: `webhook_chain`, an object on its way through webhooks and policies;
  `quota_admission`, a quota over several servers, and `quota_unbounded`, what of it is proved;
  `guarded_cluster`, a webhook that runs in the cluster it guards.
"""
