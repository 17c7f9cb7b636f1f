"""The etcd key-value store: what every request must answer, as pure functions over a state.

The state is a `Store`; `respond(store, request)` gives the next store and the answer. Keys and
values are text: comparing code points orders them as etcd orders their UTF-8 bytes. Version
followed: 3.5. Left out: authentication, alarms and quota, membership, time (a lease expires
when `expire` says so). Sources are named per module under the upstream tree `server/`.
"""

from planespec.spec.etcd.member import respond
from planespec.spec.etcd.refusals import EtcdError
from planespec.spec.etcd.store import KeyValue, Lease, Store

__all__ = ["EtcdError", "KeyValue", "Lease", "Store", "respond"]
