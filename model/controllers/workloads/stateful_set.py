"""A StatefulSet: pods under fixed names, one after the other, each with a claim.

A name stands for an ordinal. Pods that are wanted are brought on from the lowest, then those that
are too many are deleted from the highest, then one pod of an old template is deleted; an ordered
set waits at each for the pods before. Users scale, change the template and delete pods,
`disturbances` times in all. A pod is deleted by its name alone, as upstream does.
Source: `pkg/controller/statefulset/stateful_set_control.go` (updateStatefulSet, processReplica,
processCondemned), `stateful_pod_control.go` (DeletePod), v1.36. The rule of one sync is
`spec/controllers/apps/stateful_set_sync`.
Left out: the status, more than two templates, `minReadySeconds`, `maxUnavailable` (its gate is
off), claims that are seen late, and that a claim is made before its pod.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Fairness,
    Range,
    action,
    choose,
    constant,
    each,
    instance,
    joint,
    mutant,
    only,
    reachable,
    recording,
    require,
)
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.workloads.set_views import SetViews
from planespec.model.parts.api_store import Name
from planespec.model.parts.processes import Process
from planespec.spec.controllers.identity_requirements import (
    claims_stay_under_pods,
    condemned_pods_go_from_the_last,
    identity_runs_once,
    kept_pods_are_of_the_old_template,
    later_pods_wait,
    only_seen_pods_are_deleted,
    rollout_takes_one_at_a_time,
    set_settles,
)


class SetControl(SetViews):
    """What users ask of a StatefulSet, and what its controller does."""

    is_ordered: bool = constant(default=True)
    """`podManagementPolicy` is OrderedReady, not Parallel."""
    partition: int = constant(0, at_least=0, at_most=4)
    """Pods of lower ordinals keep the old template."""
    goes_with_pod: bool = constant(default=False)
    """`persistentVolumeClaimRetentionPolicy.whenScaled` is Delete."""
    disturbances: int = constant(1, at_least=0, at_most=4)
    """How often users scale, change the template or delete a pod, or one fails: a bound."""

    forced: bool = mutant(
        "A pod is deleted by force: its object is gone while its node still runs it.",
        issue="#61832",
    )
    bad_template: bool = mutant(
        "Pods of the new template never become ready, until that is taken back.", issue="#67250"
    )
    starts_all: bool = mutant("An ordered set makes pods before those in front are ready.")
    takes_all: bool = mutant("A rollout does not wait for the pods that it replaced.")
    partition_forgotten: bool = mutant(
        "A pod below the partition comes back with the new template.", issue="#119685"
    )
    first_goes_first: bool = mutant("Pods that are too many go from the lowest.")
    claim_used_again: bool = mutant(
        "A pod is made with a claim that goes with the pod before it.",
        issue="#99728",
        when="goes_with_pod",
    )

    fairness = {
        "serve": Fairness.WEAK,
        "hear[p]": Fairness.WEAK,
        "hear_set[p]": Fairness.WEAK,
    }

    disturbed: Annotated[int, Range(0, "disturbances")] = 0

    # History.

    has_been_well: Array[Name, bool] = each(False)
    left_running: Array[Name, bool] = each(False)
    is_formed: bool = False
    """Whether all pods were well at one time."""
    was_rough: bool = False
    """Whether something else has happened than a change of the template."""
    was_unseen_deleted: bool = False
    was_out_of_turn: bool = False

    requires = [
        identity_runs_once,
        set_settles,
        later_pods_wait,
        rollout_takes_one_at_a_time,
        kept_pods_are_of_the_old_template,
        only_seen_pods_are_deleted,
        condemned_pods_go_from_the_last,
        only(claims_stay_under_pods, when="goes_with_pod"),
    ]

    @property
    def is_well(self) -> dict[Name, bool]:
        """Whether the pod of a name is ready and not marked."""
        return {n: self.life[n] == PodLife.READY for n in self.names}

    @property
    def is_calm(self) -> bool:
        """Whether, since all pods were well, nothing has happened but a change of the template."""
        return self.is_formed and not self.was_rough

    # Users.

    def disturb(self, calmly: bool) -> None:
        """Somebody does something, once more."""
        require(self.disturbed < self.disturbances)
        self.disturbed += 1
        self.was_rough = self.was_rough or not calmly

    @action
    def scale(self) -> None:
        """A user asks for another number of pods."""
        self.disturb(False)
        wanted = choose(range(len(self.names) + 1))
        require(wanted != self.replicas)
        self.replicas = wanted

    @action
    def change_template(self) -> None:
        """A user asks for the new template, or for the old one again."""
        self.disturb(True)
        self.is_rolled = not self.is_rolled

    @action
    def delete_by_hand(self, n: Name) -> None:
        """A user, or whoever evicts, deletes a pod."""
        require(self.is_active(n))
        self.disturb(False)
        if self.forced:
            self.left_running[n] = self.life[n] == PodLife.READY
            self.delete(n, self.uid[n])
            self.life[n] = PodLife.PENDING
            self.clear_pod(n)
        else:
            self.write_life(n, PodLife.DELETING)

    @action(when="bad_template", fair=Fairness.WEAK)
    def take_back(self) -> None:
        """The template that does not work is taken back."""
        require(self.is_rolled)
        self.is_rolled = False

    @action(when="forced")
    def notice(self, n: Name) -> None:
        """A node hears that a pod is gone, and stops it."""
        require(self.left_running[n])
        self.left_running[n] = False

    @joint
    def may_start(self, n: Name) -> bool:
        """A pod can be ready whose template works."""
        return not (self.bad_template and self.is_new[n])

    @joint
    def note_life(self, n: Name) -> None:
        """History."""
        if self.life[n] == PodLife.READY:
            self.has_been_well[n] = True
            self.is_formed = self.is_formed or all(self.is_well[m] for m in self.names)
        elif self.life[n] != PodLife.DELETING:
            self.disturb(False)

    @joint
    def clear_pod(self, n: Name) -> None:
        """No pod has a template."""
        self.is_new[n] = False

    # One sync each: what the controller does first of what is to be done.

    def is_turn(self, p: Process, n: Name) -> bool:
        """Whether an ordered set gets as far as this pod: all before it are well."""
        return not self.is_ordered or all(self.sees_well(p, m) for m in self.names if m < n)

    def gets_past(self, p: Process) -> bool:
        """Whether an ordered set has all pods that it wants, and all are well."""
        return not self.is_ordered or all(
            self.sees_well(p, n) for n in self.names if n < self.wanted(p)
        )

    @action(fair=Fairness.WEAK, per_instance=True)
    def bring_up(self, p: Process, n: Name) -> None:
        """A pod is made that is wanted and missing, if no claim of its name goes away."""
        require(self.may_sync(p) and n < self.wanted(p) and self.sees(p, n) == 0)
        require(self.is_turn(p, n) or self.starts_all)
        require(self.claim_owner[n] == 0 or self.claim_used_again)
        self.make_pod(p, n)
        is_kept = n < self.partition and not self.partition_forgotten
        self.is_new[n] = self.asked_new(p) and not is_kept

    @action(when="pods_fail or pods_succeed", fair=Fairness.WEAK, per_instance=True)
    def bring_again(self, p: Process, n: Name) -> None:
        """A pod that is wanted and has ended is deleted, to be made again."""
        require(self.may_sync(p) and n < self.wanted(p) and self.sees_ended(p, n))
        require(self.is_turn(p, n))
        self.take_down(p, n)

    @action(fair=Fairness.WEAK, per_instance=True)
    def condemn(self, p: Process, n: Name) -> None:
        """A pod that is too many is deleted, the last first."""
        require(self.may_sync(p) and self.may_condemn(p, n))
        require(not self.goes_with_pod or self.claim_owner[n] == self.sees(p, n))
        behind = any(self.uid[m] != 0 for m in self.names if m > n)
        self.was_out_of_turn = self.was_out_of_turn or (self.is_ordered and behind)
        self.take_down(p, n)

    def may_condemn(self, p: Process, n: Name) -> bool:
        """Whether a pod is too many, and its turn has come."""
        is_extra = n >= self.wanted(p) and self.sees(p, n) != 0
        is_marked = self.sees_life(p, n) == PodLife.DELETING
        return is_extra and not is_marked and self.gets_past(p) and self.is_last(p, n)

    def is_last(self, p: Process, n: Name) -> bool:
        """Whether a pod is the last that is seen, and well or the first that is not."""
        if not self.is_ordered:
            return True
        behind = any(self.sees(p, m) != 0 for m in self.names if m > n)
        is_first_sick = all(
            self.sees_well(p, m) or self.sees(p, m) == 0 for m in self.names if m < n
        )
        return (not behind or self.first_goes_first) and (self.sees_well(p, n) or is_first_sick)

    @action(fair=Fairness.WEAK, per_instance=True)
    def roll(self, p: Process, n: Name) -> None:
        """A pod of the other template is deleted, once those behind it are new and well."""
        require(self.may_sync(p) and self.may_roll(p, n))
        self.take_down(p, n)

    def may_roll(self, p: Process, n: Name) -> bool:
        """Whether a rollout has come to this pod."""
        is_other = self.sees(p, n) != 0 and self.sees_new(p, n) != self.asked_new(p)
        is_marked = self.sees_life(p, n) == PodLife.DELETING
        is_reached = self.partition <= n and n < self.wanted(p)
        are_behind_done = all(
            self.sees_well(p, m) and self.sees_new(p, m) == self.asked_new(p)
            for m in self.names
            if n < m and m < self.wanted(p)
        )
        is_free = (self.gets_past(p) and are_behind_done) or self.takes_all
        return is_other and not is_marked and is_reached and is_free and self.sees_no_extra(p)

    def sees_no_extra(self, p: Process) -> bool:
        """Whether no pod is too many; before that an ordered set replaces no other."""
        return not self.is_ordered or all(
            n < self.wanted(p) or self.sees(p, n) == 0 for n in self.names
        )

    def take_down(self, p: Process, n: Name) -> None:
        """The controller deletes a pod by its name, whichever that is by now."""
        require(self.uid[n] != 0)
        self.was_unseen_deleted = self.was_unseen_deleted or self.uid[n] != self.sees(p, n)
        self.delete_pod(p, n, self.uid[n])

    # Claims that go with pods.

    @action(when="goes_with_pod", fair=Fairness.WEAK, per_instance=True)
    def give_claim(self, p: Process, n: Name) -> None:
        """The claim of a pod that is too many will go with it."""
        require(self.may_sync(p) and n >= self.wanted(p) and self.sees(p, n) != 0)
        require(self.uid[n] == self.sees(p, n))
        self.claim_owner[n] = self.uid[n]

    @action(when="goes_with_pod", fair=Fairness.WEAK, per_instance=True)
    def keep_claim(self, p: Process, n: Name) -> None:
        """The claim of a pod that is wanted after all stays."""
        require(self.may_sync(p) and n < self.wanted(p) and self.sees(p, n) != 0)
        require(self.claim_owner[n] == self.sees(p, n))
        self.claim_owner[n] = 0

    @action(when="goes_with_pod", fair=Fairness.WEAK, per_instance=True)
    def collect_claim(self, n: Name) -> None:
        """The garbage collector deletes a claim whose pod is gone."""
        require(self.claim_owner[n] != 0 and self.uid[n] == 0)
        self.claim_owner[n] = 0

    @reachable(when="disturbances > 0 and size > 1")
    def is_half_rolled(self) -> bool:
        """A rollout has replaced one pod and not the other."""
        new = sum(1 for n in self.names if self.uid[n] != 0 and self.is_new[n])
        return new > 0 and any(self.is_well[n] and not self.is_new[n] for n in self.names)

    @reachable(when="not is_ordered and disturbances > 1 and size > 1")
    def rollout_takes_two(self) -> bool:
        """Without order, a template that is changed again in a rollout takes a second pod."""
        return self.is_calm and not any(self.is_well[n] for n in self.names)

    @reachable(when="disturbances > 0")
    def is_scaled_down(self) -> bool:
        """The pods that were too many are gone."""
        return self.replicas < self.size and all(
            (self.uid[n] != 0) == (n < self.replicas) for n in self.names
        )


class StatefulSets(SetControl):
    """One StatefulSet, whose pods have the names that there are."""

    held_to = [
        recording(
            "tests/recorded/controllers_apps.jsonl.gz",
            cases=2_000,
            of="kube-controller-manager 1.36.2",
            part="which pods a sync makes and deletes",
            test="tests/spec/controllers/test_stateful_set_model_beside_the_rule.py"
            "::test_the_controller_does_what_the_rule_writes",
            through="planespec.spec.controllers.apps",
            conform="controllers_apps",
            kinds=("statefulset_sync",),
        )
    ]

    instances = [
        instance("start", disturbances=0, writes=6),
        instance("small"),
        instance("partition", partition=1),
        instance("claims", goes_with_pod=True),
        instance("ending", pods_fail=True, pods_succeed=True),
        instance("restart", crashes=1),
        instance("parallel", is_ordered=False),
        instance("claims-twice", goes_with_pod=True, disturbances=2, writes=20),
        instance("twice", disturbances=2, writes=20),
        instance("parallel-twice", slow=True, is_ordered=False, disturbances=2, writes=20),
        instance("three", slow=True, names=3, size=3, writes=20),
    ]
