"""Under symmetry no action may depend on the order in which elements of a sort are walked.

What is let through is searched with and without symmetry: the orbits must be the same ones.
"""

from pathlib import Path
from typing import Any

import pytest
from test_refused import load

from planespec.checker.budget import Options
from planespec.checker.engines.python.orbits import orbit_of
from planespec.checker.engines.python.python_engine import run
from planespec.checker.engines.python.reference_search import Search
from planespec.checker.front import LanguageError, compile_system
from planespec.checker.front.order_dependence.orders import refuse_order_dependence
from planespec.checker.instance import Instance
from planespec.checker.outcome import Verdict
from planespec.checker.run import check

MODEL = '''"""A model."""
from typing import Annotated
from planespec.checker.lang import *


class Server(Sort):
    """A server."""


N = Annotated[int, Range(0, 3)]


@record
class Job:
    owner: Server = Server(1)


class M(Model):
    servers: Domain[Server] = sort(3, symmetric=True)
    deadlock = False
    up: set[Server] = set()
    load: Array[Server, N] = each(0)
    peer: Array[Server, Server | None] = each(None)
    leader: Server | None = None
    count: N = 0
    found: bool = False
    queue: Annotated[list[Server], Size(3)] = []
    job: Job | None = None

    def is_low(self, n: N) -> bool:
        return n < 1

    def any_low(self) -> bool:
        for s in self.servers:
            if self.load[s] == 1:
                return True
        return False

    def first_low(self) -> Server | None:
        for s in self.servers:
            if self.load[s] == 1:
                return s
        return None

    def low(self) -> bool:
        return self.count < 2

    def mark(self, s: Server) -> None:
        if s not in self.up:
            self.load[s] = 1
            return
        self.found = True

    @action
    def start(self, s: Server, n: N) -> None:
        require(self.load[s] == 0 and self.leader is None)
        self.load[s] = n
        if n == 2:
            self.up.add(s)
        if n == 3:
            self.peer[s] = choose(self.servers)

    @action
    def act(self) -> None:
BODY
'''

DEPENDENT = {
    "the first that is found": """
for s in self.servers:
    if self.load[s] == 1:
        self.leader = s
        break
""",
    "the last that is found": """
for s in self.servers:
    if self.load[s] == 1:
        self.leader = s
""",
    "the first of a set": """
for s in self.up:
    if self.leader is None:
        self.leader = s
""",
    "a local that keeps the last": """
best = choose(self.servers)
for s in self.servers:
    if self.load[s] > self.load[best]:
        best = s
self.leader = best
""",
    "a result that is the first": """
self.leader = self.first_low()
""",
    "the first two": """
for s in self.servers:
    if self.count < 2 and self.load[s] == 1:
        self.count += 1
        self.peer[s] = s
""",
    "the first two, by a helper": """
for s in self.servers:
    if self.low() and self.load[s] == 1:
        self.count += 1
        self.peer[s] = s
""",
    "a list in the order of the domain": """
self.queue = [s for s in self.servers if self.load[s] == 1]
""",
    "a list of all": """
self.queue = list(self.servers)
""",
    "a list that grows in a loop": """
for s in self.servers:
    if self.load[s] == 1:
        self.queue.append(s)
""",
    "a walk over a list that a walk made": """
for s in [t for t in self.servers if self.load[t] == 1]:
    self.leader = s
""",
    "a chain through the elements": """
for s in self.servers:
    if any(self.load[t] == 1 and self.peer[t] == s for t in self.servers):
        self.load[s] = 1
""",
    "an end before a guard": """
for s in self.servers:
    require(self.load[s] < 2)
    if self.load[s] == 1:
        break
self.found = True
""",
    "two flags of one stop": """
for s in self.servers:
    if self.load[s] == 1:
        self.found = True
        break
    if self.load[s] == 2:
        self.count = 1
        break
""",
    "sums and differences in turn": """
for s in self.servers:
    self.count += self.load[s] - 1
""",
    "values of an array in order": """
for n in self.load:
    self.count = n
""",
    "an element by its number": """
self.job = Job()
""",
}

ALIKE = {
    "every part by itself": """
for s in self.servers:
    if self.load[s] == 1 and self.peer[s] is None:
        self.load[s] = 0
        self.peer[s] = s
""",
    "sets and counts": """
for s in self.servers:
    if self.load[s] == 1:
        self.up.add(s)
    if self.load[s] == 2 and self.count < 3:
        pass
require(self.count == 0)
for s in self.servers:
    if self.load[s] == 2:
        self.count += 1
""",
    "one flag, with a stop": """
for s in self.servers:
    if self.load[s] == 1:
        self.found = True
        break
""",
    "one flag, without a stop": """
for s in self.servers:
    if self.load[s] == 1:
        self.found = True
""",
    "a local flag": """
seen = False
for s in self.servers:
    n = self.load[s]
    if self.is_low(n):
        continue
    seen = True
self.found = seen
""",
    "a quantifier as a loop": """
require(self.any_low())
self.found = True
""",
    "as many rounds as elements": """
for _ in self.servers:
    if self.count < 2:
        self.count += 1
""",
    "guards and choices of each": """
for s in self.servers:
    require(self.load[s] != 3)
    n = choose(range(2))
    if self.load[s] == 1:
        self.load[s] = n
""",
    "a helper for each": """
for s in self.servers:
    self.mark(s)
""",
    "lists that only count or are chosen from": """
require(len([s for s in self.servers if self.load[s] == 1]) == 2)
self.leader = choose([s for s in self.servers if self.load[s] == 1])
""",
    "an array of a local": """
require(not self.found)
self.found = True
old = {s: self.load[s] for s in self.servers}
for s in self.servers:
    old[s] = 0
self.load = old
""",
    "numbers of all": """
self.count = max(self.load[s] for s in self.servers)
self.found = sum(self.load[s] for s in self.servers) > 2
""",
}


def model(folder: Path, title: str, cases: dict[str, str]) -> Any:
    body = "\n".join(f"        {line}" for line in cases[title].strip().splitlines())
    number = list(cases).index(title)
    return load(folder / f"ordered_{len(cases)}_{number}.py", MODEL.replace("BODY", body)).M


@pytest.mark.parametrize("title", DEPENDENT)
def test_an_order_that_matters_is_refused_under_symmetry_alone(title: str, tmp_path: Path) -> None:
    instance = Instance(model(tmp_path, title, DEPENDENT))
    with pytest.raises(LanguageError, match="symmetry") as caught:
        check(instance, "python", Options(symmetry=True))
    assert caught.value.text
    assert caught.value.allowed


@pytest.mark.parametrize("title", ALIKE)
def test_an_order_that_does_not_matter_is_let_through_and_orbits_agree(
    title: str, tmp_path: Path
) -> None:
    instance = Instance(model(tmp_path, title, ALIKE))
    assert refuse_order_dependence(compile_system(instance)) == ()
    whole = Search(instance, Options())
    whole.explore()
    assert whole.found is None
    orbits = set(map(orbit_of(instance), whole.seen))
    assert run(instance, Options(symmetry=True)).statistics.distinct == len(orbits)


UNSHOWN = """
for s in self.servers:
    t = self.peer[s]
    if t is not None:
        self.load[t] = 1
"""


def test_a_loop_that_nothing_is_known_of_is_named_in_a_note(tmp_path: Path) -> None:
    found = model(tmp_path, "one", {"one": UNSHOWN})
    outcome = check(Instance(found), "python", Options(symmetry=True))
    assert outcome.verdict is Verdict.HOLDS
    (note,) = outcome.notes
    assert "symmetry trusts that the order does not matter" in note
    assert check(Instance(found), "python", Options()).notes == ()
