"""What a scheduler promises: the numbered requirements SCHED-n, by what they are about.

- `observations`: what can be seen of a cluster and of a scheduler's memory;
- `bindings`: SCHED-1, 2, 16, 17; room: SCHED-3, 4, 14; the snapshot: SCHED-22;
- `queueing`: SCHED-8; preemption: SCHED-6, 15, 18, 19, 20;
- `constraint_requirements`: SCHED-5, 13, 21;
- `leadership`: SCHED-10, 23; replacement: SCHED-24.

SCHED-9, that a schedulable pod is scheduled, is about whole behaviours: it is the promise
`schedulable_is_scheduled` of the model `scheduler.progress`.

SCHED-7, 11 and 12 are about objects alone and are judged by an audit; so are SCHED-1, 3, 4, 5, 6
and 13, which models judge as well. See `planespec.spec.cluster.cluster_requirements`.
"""
