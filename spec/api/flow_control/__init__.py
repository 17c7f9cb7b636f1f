"""API Priority and Fairness: which level a request belongs to, and when it may run.

A request is classified by flow schemas into a priority level and a flow (`flow_schemas`); levels
share the seats of the server (`nominal_seats`) and borrow from each other every ten seconds
(`seat_borrowing`, by `concurrency_allocation`); within a level a flow is dealt a hand of queues
(`shuffle_sharding`), and queues take turns by virtual time (`queue_set`).

Source: `staging/src/k8s.io/apiserver/pkg/util/flowcontrol`, v1.36; KEP-1040.
"""
