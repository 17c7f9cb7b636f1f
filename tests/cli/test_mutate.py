"""`mutate`: which requirement notices which mutant."""

import json

from commands import COUNTER, Commands

from planespec.checker.errors import ExitCode

ONLY_RUNAWAY = COUNTER.replace('    harmless: bool = mutant("It does nothing at all.")\n', "")


def test_a_survivor_is_named_and_fails_the_command(planespec: Commands) -> None:
    answer = planespec("mutate", planespec.write(COUNTER))
    assert answer.code == ExitCode.SAFETY
    assert "1 of 2 mutants killed" in answer.out
    assert "survived: harmless (It does nothing at all.)" in answer.out


def test_all_mutants_killed_is_success(planespec: Commands) -> None:
    answer = planespec("mutate", planespec.write(ONLY_RUNAWAY), "--json")
    assert answer.code == ExitCode.HOLDS
    (row,) = json.loads(answer.out)["mutants"]
    assert row["fate"] == "killed"
    assert row["requirements"]["within_limit"] == {"fate": "killed", "steps": 4}


def test_a_budget_that_ends_leaves_a_mutant_undecided(planespec: Commands) -> None:
    text = COUNTER.replace("runaway: bool", "spare: bool").replace("self.runaway", "False")
    path = planespec.write(text)
    answer = planespec("mutate", path, "-c", "limit=9", "--budget", "states=100")
    assert answer.code == ExitCode.SAFETY
    answer = planespec("mutate", path, "-c", "limit=9", "--budget", "states=3")
    assert answer.code == ExitCode.UNKNOWN


def test_a_model_that_is_broken_already_is_not_mutated(planespec: Commands) -> None:
    text = COUNTER.replace("self.count < self.limit or", "True or")
    answer = planespec("mutate", planespec.write(text))
    assert answer.code in (ExitCode.SAFETY, ExitCode.EVALUATION)
    assert "must hold before its mutants" in answer.err


def test_a_model_without_mutants_says_so(planespec: Commands) -> None:
    text = ONLY_RUNAWAY.replace(
        '    runaway: bool = mutant("It does not stop at the limit.")\n', ""
    )
    answer = planespec("mutate", planespec.write(text.replace("self.runaway", "False")))
    assert answer.code == ExitCode.CONFIGURATION
    assert "no mutants" in answer.err


def test_a_depth_bounds_what_a_mutant_may_do_and_is_named(planespec: Commands) -> None:
    answer = planespec("mutate", planespec.write(COUNTER), "--depth", "2")
    assert answer.code == ExitCode.UNKNOWN, "the model does not reach its limit in 2 steps"
    answer = planespec(
        "mutate", "toy.resource_fit", "-c", "nodes=2", "--engine", "symbolic", "--depth", "5"
    )
    assert answer.code == ExitCode.HOLDS
    assert "1 of 1 mutant killed within nodes=2, pods=3, depth 5" in answer.out


PROMISED = (
    (
        COUNTER.replace("among, choose,", "among, choose, eventually, Fairness,")
        .replace('mutant("It does nothing at all.")', 'mutant("It stays at 2.")')
        .replace("or (self.runaway", "and (not self.harmless or self.count < 2) or (self.runaway")
        .replace("    @action\n    def up", "    @action(fair=Fairness.WEAK)\n    def up")
    )
    + '''
    @eventually
    def arrives(self) -> bool:
        """The limit is reached some time."""
        return self.count >= self.limit
'''
)


def test_a_mutant_that_breaks_a_promise_alone_is_killed(planespec: Commands) -> None:
    answer = planespec("mutate", planespec.write(PROMISED), "--json")
    document = json.loads(answer.out)
    rows = {row["mutant"]: row for row in document["mutants"]}
    assert list(rows["harmless"]["requirements"]) == ["within_limit", "arrives"]
    assert rows["harmless"]["requirements"]["within_limit"]["fate"] == "survived"
    assert rows["harmless"]["requirements"]["arrives"] == {"fate": "killed", "steps": 2}
    assert rows["harmless"]["fate"] == "killed"
    assert document["no_mutant_dies_for"] == []
    assert answer.code == ExitCode.HOLDS


def test_the_symbolic_engine_leaves_promises_undecided(planespec: Commands) -> None:
    answer = planespec("mutate", planespec.write(PROMISED), "--engine", "symbolic", "--depth", "5")
    assert answer.code == ExitCode.UNKNOWN
    assert "undecided: harmless" in answer.out
