"""What a scheduler promises: the numbered requirements SCHED-n, by what they are about.

`observations` is what can be seen of a cluster and of a scheduler's memory; the other modules have
the predicates: `bindings` (room and snapshots too), `queueing` (preemption too), `leadership`
(replacement too), `constraint_requirements`. Most are judged by models; some of these, and others
with numbers of their own, are about objects alone and are judged by an audit: see
`planespec.spec.cluster.cluster_requirements`.
"""
