"""The API server as parts of state machines, to be read as documents.

- `flow`: priority and fairness. `flow_queues` has levels, queues and seats; `flow_waiting` the
  time that requests may wait, `flow_borrowing` how levels lend seats, `flow_callback` a webhook
  whose requests pass the limits of the server that waits for it.
"""
