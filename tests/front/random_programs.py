"""Random small action bodies: most are refused, the rest must compile and mean what they say."""

import random

NUMBERS = ("self.n", "self.top", "0", "1", "2", "x", "len(self.up)", "len(self.queue)", "len(ys)")
SERVERS = ("s", "t", "self.servers[0]", "self.leader")
SETS = ("self.up", "self.seen[s]", "{s}", "set()", "{s, t}", "zs", "set(self.servers)")
LISTS = ("self.queue", "[1, x]", "[]", "ys", "self.queue[1:]", "list(self.queue)")
BOOLS = ("True", "s == t", "self.role[s] == Role.UP", "self.job is None", "self.job == Job(s, 1)")


class Writer:
    """Writes expressions and statements of a given depth from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, *options: str) -> str:
        """One of several texts."""
        return self.random.choice(options)

    def number(self, depth: int) -> str:
        """An int expression."""
        if depth == 0:
            return self.pick(*NUMBERS)
        a, b = self.number(depth - 1), self.number(depth - 1)
        return self.pick(
            f"{a} + {b}", f"({a} - {b})", f"{a} * 2", f"({a}) % 3", f"max({a}, {b})", f"-({a})",
            f"({a} if {self.truth(depth - 1)} else {b})", f"abs({a})", f"self.queue[{a}]",
            f"sum({a} for k in {self.items(depth - 1)})", f"({a}) // ({b})",
            f"sum(1 for u in {self.members(depth - 1)} if u != s)", f"self.job.size + {a}",
            f"min((k for k in {self.items(depth - 1)}), default={a})", f"self.twice({a})",
        )  # fmt: skip

    def truth(self, depth: int) -> str:
        """A condition."""
        if depth == 0:
            return self.pick(*BOOLS)
        a, b = self.number(depth - 1), self.number(depth - 1)
        p, q = self.truth(depth - 1), self.truth(depth - 1)
        return self.pick(
            f"{a} < {b}", f"{a} == {b}", f"({p} and {q})", f"({p} or {q})", f"not {p}",
            f"{self.server()} in {self.members(depth - 1)}", f"0 <= {a} <= {b}",
            f"{a} in {self.items(depth - 1)}",
            f"{self.members(depth - 1)} <= {self.members(depth - 1)}",
            f"all({p} for u in {self.members(depth - 1)})", f"any(k > {a} for k in ys)",
            f"{self.items(depth - 1)} == {self.items(depth - 1)}", f"{self.server()} == s",
        )  # fmt: skip

    def server(self) -> str:
        """An element of the sort, or None."""
        return self.pick(*SERVERS)

    def members(self, depth: int) -> str:
        """A set of servers."""
        if depth == 0:
            return self.pick(*SETS)
        a, b = self.members(depth - 1), self.members(depth - 1)
        operator = self.pick("|", "&", "-", "^")
        return self.pick(
            f"({a} {operator} {b})", f"{{u for u in {a} if {self.truth(depth - 1)}}}",
            f"{{u for u in self.servers if u not in {b}}}", f"({a} if s == t else {b})",
        )  # fmt: skip

    def items(self, depth: int) -> str:
        """A list of numbers."""
        if depth == 0:
            return self.pick(*LISTS)
        a, b = self.items(depth - 1), self.items(depth - 1)
        return self.pick(
            f"({a} + {b})", f"[k + 1 for k in {a} if {self.truth(depth - 1)}]",
            f"{a}[{self.number(0)}:]", f"[{self.number(depth - 1)}]", f"{a}[-1:]",
        )  # fmt: skip

    def statement(self, depth: int) -> list[str]:
        """One statement, as lines."""
        if depth > 0 and self.random.random() < 0.4:
            head = self.pick(
                f"if {self.truth(1)}:", "for u in self.servers:", "for k in range(2):",
                f"for v in {self.members(1)}:",
            )  # fmt: skip
            inner = self.statement(depth - 1) + self.statement(depth - 1)
            return [head, *(f"    {line}" for line in inner)]
        return [self.pick(
            f"self.n = {self.number(2)}", f"x = {self.number(1)}", f"x += {self.number(0)}",
            f"self.up = {self.members(2)}", f"zs = {self.members(1)}", f"zs.add({self.server()})",
            f"ys.append({self.number(1)})", f"ys = {self.items(1)}",
            f"self.queue = {self.items(1)}",
            f"self.up.add({self.server()})",
            f"self.seen[t] |= {self.members(1)}", "self.leader = s",
            f"self.queue.append({self.number(1)})", f"self.job = Job(s, {self.number(0)})",
            f"require({self.truth(2)})", f"self.up.discard({self.server()})", "self.job = None",
            f"self.leader = {self.server()}", "self.queue.clear()", f"zs |= {self.members(1)}",
            f"assert {self.truth(1)}", f"self.n -= {self.number(1)}", "self.step(t)",
            f"x = choose([{self.number(0)}, 3])", f"self.leader = choose({self.members(1)})",
        )]  # fmt: skip

    def body(self) -> list[str]:
        """The body of an action."""
        lines = ["x = 0", "ys = [0]", "zs = {t}"]
        for _ in range(self.random.randint(1, 5)):
            lines += self.statement(2)
        return lines


MODEL = '''"""A random model."""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import *


class Server(Sort):
    """A server."""


class Role(Enum):
    """A role."""

    UP = "up"
    DOWN = "down"


N = Annotated[int, Range(-2, 5)]


@record
class Job:
    """A job."""

    owner: Server
    size: N


class Random(Model):
    """One of everything."""

    servers: Domain[Server] = sort(2)
    top: int = constant(3)
    n: N = 0
    role: Array[Server, Role] = each(Role.UP)
    job: Job | None = None
    leader: Server | None = None
    up: set[Server] = set()
    seen: Array[Server, set[Server]] = each(set())
    queue: Annotated[list[N], Size(3)] = []

    def twice(self, y: int) -> int:
        return y + y

    def step(self, u: Server) -> None:
        self.role[u] = Role.DOWN if self.role[u] == Role.UP else Role.UP
        self.n = max(self.n - 1, -2)

    @action
    def act(self, s: Server, t: Server) -> None:
BODY

    @action
    def fill(self, s: Server, k: Annotated[int, Range(0, 2)]) -> None:
        require(len(self.queue) < 3)
        self.queue.append(k)
        self.seen[s].add(self.servers[k % 2])
        self.job = Job(s, k)
'''


def program(seed: int) -> str:
    """The text of a random model file."""
    return MODEL.replace("BODY", "\n".join(f"        {line}" for line in Writer(seed).body()))
