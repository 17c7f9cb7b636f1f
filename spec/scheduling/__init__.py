"""kube-scheduler: where a pod fits, how well, and whom it may displace. Version 1.36.

Every rule is a pure function over read-only objects; its module names the upstream source.
`cluster.build_snapshot` makes a Snapshot of plain objects, `framework.find_feasible_nodes` runs
the Filter plugins in order, `scores.run_scores` the Score plugins, `preemption.run_preemption`
says what preemption would do. A single pod on a single node is judged by
`framework.check_node` after `pre_filter.run_pre_filters`.
"""
