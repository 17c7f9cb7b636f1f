"""What breaks a part breaks the models that are composed of it over one store."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from planespec.checker.budget import Options
from planespec.checker.instance import Instance
from planespec.checker.outcome import Outcome, Verdict
from planespec.checker.run import check
from planespec.reports.input.catalogue import load_model

STORE, SCHEDULED = "apiserver.one_store", "apiserver.scheduled"
TAINTED, BUDGETED = "controllers.tainted_set", "controllers.budgeted_set"
DEPLOYED = "controllers.deployed_sets"


@dataclass(frozen=True)
class Case:
    """A mutant of a composed model, and where it dies for what."""

    model: str
    mutant: str
    requirement: str
    steps: int
    constants: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.model}-{self.mutant}"

    def check(self, mutant: str | None) -> Outcome:
        instance = Instance(load_model(self.model), self.constants, mutant)
        options = Options(workers=2, requirements=(self.requirement,))
        return check(instance, "auto", options)


ONE = {"owners": 1, "writes": 3}
DELETES = {**ONE, "deletes": True}
TWO_SERVERS = {**ONE, "servers": 2}
STREAMS = {**ONE, "streams": True}
ALONE = {"disturbances": 0, "writes": 10}
ROLLOUT = {"disturbances": 1, "requests": 1, "writes": 16}
UNAVAILABLE = {"surge": 0, "unavailable": 1}
RECREATE = {**UNAVAILABLE, "strategy": "RECREATE", "replicas": 2}
BAD = {"edits": 2, "never_ready": [False, True]}
REMOVED = {"names": 1, "size": 1, "minimum": 0, "requests": 1, "removal": True}
CASES = [
    # The collector and the namespace.
    Case(STORE, "delete_unversioned", "API-26", 6),
    Case(STORE, "one_ends_all_end", "API-26", 6),
    Case(STORE, "look_in_graph", "API-26", 4),
    Case(STORE, "absent_by_uid", "API-26", 7, {"owners": 1, "names": 2, "two_namespaces": True}),
    Case(STORE, "end_foreground_early", "API-28", 4),
    Case(STORE, "orphan_late", "API-29", 5),
    Case(STORE, "end_before_heard", "API-30", 4),
    Case(STORE, "end_with_requests_open", "API-30", 5),
    Case(STORE, "admit_terminating", "API-30", 5),
    Case(STORE, "end_unlooked", "API-31", 5),
    # Writers.
    Case(STORE, "blind_writes", "API-17", 6, {**ONE, "clients": 2}),
    Case(STORE, "patch_blindly", "API-17", 7, ONE),
    Case(STORE, "uids_return", "API-18", 3, ONE),
    Case(STORE, "versions_count_alone", "versions_grow", 5, ONE),
    Case(STORE, "dry_run_stores", "API-19", 4, ONE),
    Case(STORE, "refused_is_stored", "API-19", 8, {**DELETES, "names": 2}),
    Case(STORE, "fulfilled_by_cache", "API-20", 6, ONE),
    Case(STORE, "refused_by_cache", "API-20", 4, DELETES),
    Case(STORE, "ignore_finalizers", "API-21", 4, DELETES),
    Case(STORE, "unmark", "API-22", 6, DELETES),
    Case(STORE, "add_in_the_end", "API-23", 5, DELETES),
    Case(STORE, "keep_unheld", "API-24", 6, DELETES),
    Case(STORE, "delete_by_name", "API-25", 6, {**DELETES, "names": 2}),
    # Watch caches and those who watch.
    Case(STORE, "notify_early", "API-16", 3, ONE),
    Case(STORE, "cache_keeps_deleted", "API-16", 6, ONE),
    Case(STORE, "lists_any", "API-12", 8, TWO_SERVERS),
    Case(STORE, "list_without_waiting", "API-14", 3, ONE),
    Case(STORE, "latest_from_cache", "API-15", 3, ONE),
    Case(STORE, "exact_is_now", "API-11", 8, ONE),
    Case(STORE, "keep_missing", "API-11", 10, ONE),
    Case(STORE, "start_included", "API-13", 7, ONE),
    Case(STORE, "list_is_an_event", "API-11", 7, ONE),
    Case(STORE, "start_at_cache", "API-13", 8, TWO_SERVERS),
    Case(STORE, "forget_removed", "API-11", 10, ONE),
    Case(STORE, "bookmark_ahead", "API-11", 7, ONE),
    Case(STORE, "end_initial_early", "API-11", 6, STREAMS),
    Case(STORE, "initial_again", "API-13", 8, STREAMS),
    # The scheduler, and the caches through which it hears.
    Case(SCHEDULED, "bind_from_copy", "SCHED-1", 7),
    Case(SCHEDULED, "bound_again", "SCHED-1", 9),
    Case(SCHEDULED, "restart_forgets_bound", "SCHED-2", 6),
    Case(SCHEDULED, "assumed_node_kept", "SCHED-2", 10),
    Case(SCHEDULED, "assumed_twice", "SCHED-2", 10),
    Case(SCHEDULED, "missed_delete_lost", "SCHED-16", 9),
    Case(SCHEDULED, "not_forgotten", "SCHED-17", 5),
    Case(SCHEDULED, "notify_early", "API-16", 2),
    Case(SCHEDULED, "cache_keeps_deleted", "API-16", 4),
    # A StatefulSet whose pods are evicted from tainted nodes.
    Case(TAINTED, "by_name", "CTRL-45", 12),
    Case(TAINTED, "by_name", "CTRL-45", 14, ALONE),
    Case(TAINTED, "evict_at_once", "CTRL-46", 6, ALONE),
    Case(TAINTED, "bind_to_tainted", "CTRL-49", 2, ALONE),
    Case(TAINTED, "bad_template", "CTRL-21", 8),
    Case(TAINTED, "forced", "CTRL-20", 6),
    # A StatefulSet under a disruption budget.
    Case(BUDGETED, "blind_grant", "CTRL-50", 6),
    Case(BUDGETED, "forget_granted", "CTRL-50", 8),
    Case(BUDGETED, "count_marked", "CTRL-50", 10),
    Case(BUDGETED, "short_timeout", "CTRL-50", 10),
    Case(BUDGETED, "stale_start", "CTRL-50", 13, {"crashes": 1}),
    Case(BUDGETED, "keep_entry", "CTRL-51", 8),
    Case(BUDGETED, "delete_any_version", "CTRL-53", 11),
    Case(BUDGETED, "by_name", "CTRL-53", 10, REMOVED),
    Case(BUDGETED, "acts_early", "CTRL-26", 11, ROLLOUT),
    Case(BUDGETED, "takes_all", "CTRL-23", 5, ROLLOUT),
    Case(BUDGETED, "bad_template", "CTRL-21", 12, ROLLOUT),
    # A Deployment over the ReplicaSet controller in full.
    Case(DEPLOYED, "count_new_as_ready", "CTRL-10", 10),
    Case(DEPLOYED, "ignore_old", "CTRL-9", 4, UNAVAILABLE),
    Case(DEPLOYED, "keep_unhealthy", "CTRL-11", 13, BAD),
    Case(DEPLOYED, "old_grows", "CTRL-12", 4),
    Case(DEPLOYED, "recreate_early", "CTRL-13", 17, RECREATE),
    Case(DEPLOYED, "ignore_pause", "CTRL-14", 5, {"pauses": 1}),
    Case(DEPLOYED, "size_blindly", "CTRL-15", 6),
    Case(DEPLOYED, "report_unready", "CTRL-10", 15),
    Case(DEPLOYED, "report_others", "CTRL-10", 11),
    Case(DEPLOYED, "unexpecting", "CTRL-11", 11),
    Case(DEPLOYED, "skipped_expected", "CTRL-11", 7, {"refusals": 1}),
    Case(DEPLOYED, "unlisted", "CTRL-1", 3, {**UNAVAILABLE, "crashes": 1}),
]
FIRST = ("bind_from_copy", "uids_return", "bind_to_tainted", "blind_grant", "report_unready")
"""One of each model, of few states."""
QUICK = [case for case in CASES if case.mutant in FIRST]


def assert_killed(case: Case) -> None:
    violation = case.check(case.mutant).violation
    assert violation is not None
    assert (violation.property, len(violation.trace.steps)) == (case.requirement, case.steps)


@pytest.mark.parametrize("case", QUICK, ids=lambda case: case.id)
def test_a_fault_of_a_part_is_noticed_in_the_composition(case: Case) -> None:
    assert_killed(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", [c for c in CASES if c not in QUICK], ids=lambda case: case.id)
def test_each_fault_of_a_part_is_noticed_in_the_composition(case: Case) -> None:
    assert_killed(case)


def test_a_new_list_keeps_a_budget_when_its_controller_begins_anew() -> None:
    begun_anew = Case(BUDGETED, "stale_start", "CTRL-50", 13, {"crashes": 1})
    assert begun_anew.check(None).verdict is Verdict.HOLDS


def test_every_mutant_of_the_parts_of_the_store_is_tried() -> None:
    declared = {mutant.name for mutant in Instance(load_model(STORE)).mutants}
    assert {case.mutant for case in CASES if case.model == STORE} == declared
