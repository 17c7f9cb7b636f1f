"""The scheduler among its API server, kubelets and copies, to be read as a document.

Reading order:

- `scheduler_types`: pods, nodes, schedulers, ports; `cluster_state`: constants and variables.
- `apiserver`: pods and nodes come and go; `kubelet`: admission and the end of pods.
- `memory`: cache, queue and filters, as helpers; informers: events, late and merged.
- `cycle`: snapshot, filter, score, assume, permit; `binding`: bind, conflict, forget, crash.
- `victims`, `preemption`: victims, budgets, nominations.
- `cluster`: these parts side by side, with what they promise; `progress`: what given fairness.

A part declares what it shares in `cluster_state`, and as abstract what another part defines; each
may be taken without the others (`kubelet` has a model of kubelets alone).

On their own stand `snapshots` (the incremental snapshot), `constraints` (taints, affinity, spread
and claims at binding time) and `replacement` (pods that a kubelet refuses). `core` is what is
proved for amounts without a bound. `model/parts/lease` has two replicas under a Lease.
"""
