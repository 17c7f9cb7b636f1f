"""What a scheduler promises: the numbered requirements SCHED-n, by what they are about.

- `observations`: what can be seen of a cluster and of a scheduler's memory;
- `binding`: SCHED-1, 2, 16, 17; `room`: SCHED-3, 4, 14; `queue`: SCHED-8, 9;
- `preemption`: SCHED-6, 15, 18, 19, 20; `constraints`: SCHED-21, 25, 26; `snapshots`: SCHED-22;
- `leadership`: SCHED-10, 23; `replacement`: SCHED-24.

SCHED-9 is about whole behaviours: the model `scheduler.progress` judges it.

SCHED-5, 7, 11, 12 and 13 are about objects alone and are judged by an audit; so are SCHED-1, 3, 4
and 6, which models judge as well. See `planespec.spec.cluster.requirements`.
"""
