"""Whether the rounds of a loop may be run in any order with the same outcome."""

from collections.abc import Iterator
from dataclasses import dataclass

from planespec.checker.front.order_dependence.loop_paths import (
    assigned,
    bare,
    bare_block,
    inlined,
    is_within,
    keys_of,
    leaving_blocks,
    own_depths,
    root_of,
    stored_part,
)
from planespec.checker.ir.nodes import Assign, Choose, Do, Expr, For, If, Let, Op, Stmt
from planespec.checker.ir.system import System
from planespec.checker.ir.traversal import (
    block_expressions,
    children,
    inside,
    own_expressions,
    statements,
)
from planespec.checker.ir.types import Int

FAMILIES = {
    Op.ADD: "+",
    Op.SUB: "-",
    Op.MUL: "*",
    Op.UNION: "union",
    Op.WITH: "union",
    Op.DIFFERENCE: "difference",
    Op.WITHOUT: "difference",
    Op.INTERSECTION: "intersection",
    Op.MIN: "min",
    Op.MAX: "max",
    Op.AND: "and",
    Op.OR: "or",
}
"""Operations that may be applied in any order, by families that may be mixed."""


@dataclass(frozen=True)
class Write:
    """A store of one round: the place (a state variable's part or a local) and the value."""

    root: str
    place: Expr
    value: Expr


@dataclass(frozen=True)
class Dependence:
    """Why the outcome of a loop depends on the order of its rounds.

    It is `certain` where rounds compete for one place; else they store to computed places, of
    which nothing shows that no two rounds meet there.
    """

    why: str
    certain: bool


def dependence(
    system: System, body: tuple[Stmt, ...], parameters: set[str], loop: For
) -> Dependence | None:
    """Whether the outcome of a loop may depend on the order of its rounds.

    `body` is that of the function around the loop, with its parameters.
    """
    return _Loop(system, body, parameters, loop).judged()


class _Loop:
    def __init__(
        self, system: System, body: tuple[Stmt, ...], parameters: set[str], loop: For
    ) -> None:
        self.system, self.loop = system, loop
        self.inlined = inlined(system, loop.body)
        outside = parameters | assigned(s for s in statements(body) if not is_within(s, loop))
        self.outer = assigned(self.inlined) & outside
        self.writes = [w for w in map(self._write, self.inlined) if w is not None]
        self.roots = {w.root for w in self.writes}

    def judged(self) -> Dependence | None:
        own = self.loop.name
        if not any(p.op is Op.LOCAL and p.arg == own for v in self._all() for p in inside(v)):
            return None  # every round is the same
        if any(leaving_blocks(self.loop.body)):
            stops = Dependence("stops at the first it finds", True)
            return None if self._leaves_alike() else stops
        found = None
        for root in sorted(self.roots):
            mine = [w for w in self.writes if w.root == root]
            if not (self._in_own_places(root) or self._alike(mine) or self._adds(mine)):
                shown = root.removeprefix("local ").split(".")[0]
                certain = any(self._is_competed_for(w) for w in mine)
                why = f"changes parts of {shown} that other rounds may use"
                if certain:
                    why = f"changes {shown} in a way that depends on the order of its rounds"
                if found is None or (certain and not found.certain):
                    found = Dependence(why, certain)
        return found

    def _is_competed_for(self, write: Write) -> bool:
        """Whether rounds share the place, or it is the round's own and others look into it."""
        is_own = bool(own_depths(write.place, self.loop.name))
        return is_own or self._is_fixed(write.place, write.root)

    def _all(self) -> Iterator[Expr]:
        return (v for s in self.inlined for v in own_expressions(s))

    def _write(self, statement: Stmt) -> Write | None:
        match statement:
            case Assign(place=place, value=value):
                return Write(root_of(place), place, value)
            case Let(name=name, value=value) if name in self.outer:
                part = stored_part(name, value)
                if part is not None:
                    return Write(f"local {name}", *part)
                local = Expr(Op.LOCAL, value.type, (), statement.at, name)
                return Write(f"local {name}", local, value)
            case Choose(name=name, domain=domain) if name in self.outer:
                local = Expr(Op.LOCAL, domain.type, (), statement.at, name)
                return Write(f"local {name}", local, local)
            case Do(name=str() as name) if name in self.outer:
                local = Expr(Op.LOCAL, self.loop.domain.type, (), statement.at, name)
                return Write(f"local {name}", local, local)
        return None

    def _expressions(self) -> Iterator[Expr]:
        """What is evaluated in a round; a store to a part of a local is the part and the value."""
        for statement in self.inlined:
            part = None
            if isinstance(statement, Let):
                part = stored_part(statement.name, statement.value)
            yield from part if part is not None else own_expressions(statement)

    def _in_own_places(self, root: str) -> bool:
        """Whether each round uses a part of the variable that is its own: `self.x[element]`."""
        if any(w.place.op is Op.LOCAL for w in self.writes if w.root == root):
            return False
        chains = [c for value in self._expressions() for c in self._chains(value, root)]
        depths = [own_depths(chain, self.loop.name) for chain in chains]
        return bool(depths) and bool(frozenset.intersection(*depths))

    def _chains(self, value: Expr, root: str) -> Iterator[Expr]:
        """The longest paths into a variable inside an expression; a call that reads it is one."""
        if root_of(value) == root:
            yield value
            for part in keys_of(value):
                yield from self._chains(part, root)
            return
        if value.op is Op.CALL and root in self._read(value.arg):
            yield Expr(Op.STATE, value.type, (), value.at, root)
        for child in children(value):
            yield from self._chains(child, root)

    def _read(self, function: str) -> set[str]:
        """State variables that a helper reads, and those of the helpers it calls."""
        found: set[str] = set()
        queue, seen = [function], set[str]()
        while queue:
            name = queue.pop()
            if name in seen or name not in self.system.functions:
                continue
            seen.add(name)
            for value in block_expressions(self.system.functions[name].body):
                if value.op in (Op.STATE, Op.BEFORE):
                    found.add(value.arg)
                elif value.op is Op.CALL:
                    queue.append(value.arg)
        return found

    def _reads(self, root: str) -> int:
        return sum(1 for v in self._expressions() for _ in self._chains(v, root))

    def _alike(self, writes: list[Write]) -> bool:
        """Whether all rounds store the same to the same place, and nothing reads it."""
        stored = {(bare(w.place), bare(w.value)) for w in writes}
        root = writes[0].root
        targets = sum(1 for w in writes if w.place.op is not Op.LOCAL)
        same = len(stored) == 1 and self._is_fixed(writes[0].place, root)
        return same and self._is_fixed(writes[0].value) and self._reads(root) == targets

    def _adds(self, writes: list[Write]) -> bool:
        """Whether all rounds add to the same place, in one way, and nothing else reads it."""
        root, added = writes[0].root, [_added(w) for w in writes]
        families = {family for family, _ in added}
        if len(families) != 1 or "" in families:
            return False
        if len({bare(w.place) for w in writes}) != 1 or not self._is_fixed(writes[0].place, root):
            return False
        targets = sum(1 if w.place.op is Op.LOCAL else 2 for w in writes)
        return self._reads(root) == targets

    def _is_fixed(self, value: Expr, root: str = "") -> bool:
        """Whether an expression is the same in all rounds; `root` is what may be written."""
        changing = assigned(self.inlined) | {self.loop.name}
        for part in inside(value):
            if part.op is Op.LOCAL and part.arg in changing and f"local {part.arg}" != root:
                return False
            if part.op is Op.STATE and part.arg in self.roots - {root}:
                return False
            if part.op is Op.CALL and self._read(part.arg) & self.roots:
                return False
        return True

    def _leaves_alike(self) -> bool:
        """Whether the loop does one and the same thing where it stops, and nothing before."""
        ends = list(leaving_blocks(self.loop.body))
        if len({bare_block(end) for end in ends}) != 1:
            return False
        last = {id(s) for end in ends for s in end}
        quiet = all(isinstance(s, If | For) for s in self.inlined if id(s) not in last)
        inner = any(isinstance(s, For) for s in self.inlined)
        values = [v for s in ends[0] for v in own_expressions(s)]
        nested = any(isinstance(s, If) for s in ends[0])
        return quiet and not inner and not nested and all(map(self._is_fixed_end, values))

    def _is_fixed_end(self, value: Expr) -> bool:
        """What is stored or returned at the end: a part of a place may be the one stored to."""
        calls = any(p.op is Op.CALL for p in inside(value))
        return not calls and not self._names_element(value)

    def _names_element(self, value: Expr) -> bool:
        return any(p.op is Op.LOCAL and p.arg == self.loop.name for p in inside(value))


def _added(write: Write) -> tuple[str, Expr]:
    """The way a store adds to its place, and what it adds; an empty way where it does not."""
    value = write.value
    while value.op is Op.CONVERT:
        value = value.args[0]
    family = FAMILIES.get(value.op, "")
    if not family:
        return "", value
    place, *rest = value.args
    while place.op is Op.CONVERT:
        place = place.args[0]
    if len(rest) != 1 or bare(place) != bare(write.place):
        return "", value
    (extra,) = rest
    if family in "+-*" and not (isinstance(extra.type, Int) and _has_one_sign(extra.type)):
        return "", value
    return family, extra


def _has_one_sign(type_: Int) -> bool:
    """Whether a sum grows, or falls, in every round: then only its end can leave a range."""
    return (type_.low is not None and type_.low >= 0) or (
        type_.high is not None and type_.high <= 0
    )
