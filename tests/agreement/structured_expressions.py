"""Random well-typed expressions over the variables that `structured_header` declares."""

from random import Random

from written_forms import Forms


class Expressions(Forms):
    """Draws expressions; `known` gives the locals in reach and what they hold."""

    def __init__(self, seed: int, *, symmetric: bool = False) -> None:
        """Where units are `symmetric` none has a name, and none comes before another."""
        self.rng, self.symmetric = Random(seed), symmetric
        self.fresh = 0

    def one(self, *options: str) -> str:
        return self.rng.choice(options)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def name(self, stem: str) -> str:
        self.fresh += 1
        return f"{stem}{self.fresh}"

    def unit(self, known: dict[str, str]) -> str:
        mine = [name for name, kind in known.items() if kind == "unit"]
        extra = ["self.owner"] if self.chance(0.03) else []
        named = [] if self.symmetric else ["Unit(0)", "Unit(1)"]
        return self.rng.choice([*mine, *mine, *named, *extra])

    def message(self, known: dict[str, str], kind: str) -> str:
        """A variable that holds an `ask`, a `tell` or a `message`, or a new one."""
        mine = [name for name, k in known.items() if k == kind]
        if mine and self.chance(0.6):
            return self.rng.choice(mine)
        if kind == "ask" or (kind == "message" and self.chance(0.5)):
            return f"Ask({self.unit(known)}, {self.digit(known, 1)})"
        colour = self.one("", ", Colour.BLUE", ", colour=Colour.RED")
        marks = f", marks={self.marks(known)}" if self.chance(0.6) else ""
        return f"Tell({self.unit(known)}, {self.digits(known)}{colour}{marks})"

    def marks(self, known: dict[str, str]) -> str:
        """A map of units to truths, whole or another one with some values changed."""
        unit, u = self.name("u"), self.unit(known)
        whole = f"{{{unit}: {self.truth({**known, unit: 'unit'}, 0)} for {unit} in self.units}}"
        mine = [name for name, kind in known.items() if kind == "tell"]
        if not mine or self.chance(0.4):
            return self.one(whole, "each(False)", f"each({self.truth(known, 0)})")
        change = f"{u}: {self.truth(known, 0)}"
        one = self.rng.choice(mine)
        return self.one(
            f"{one}.marks | {{{change}, {self.unit(known)}: {self.truth(known, 0)}}}",
            f"{{**{one}.marks, {change}}}",
            f"replace({one}, marks={whole}).marks",
        )

    def digits(self, known: dict[str, str]) -> str:
        """An immutable set of digits."""
        u = self.unit(known)
        tells = [f"{name}.seen" for name, k in known.items() if k == "tell"]
        name = self.name("e")
        test = self.truth({**known, name: "number"}, 0)
        return self.one(
            "frozenset()",
            f"frozenset(self.held[{u}])",
            f"frozenset({{{self.digit(known, 0)}}})",
            f"frozenset(self.held[{u}] | self.held[{self.unit(known)}])",
            f"frozenset({name} for {name} in self.held[{u}] if {test})",
            *tells,
        )

    def digit(self, known: dict[str, str], size: int) -> str:
        value = self.number(known, size)
        return value if self.chance(0.03) else self.one(f"({value}) % 2", f"self.digit({value})")

    def number(self, known: dict[str, str], size: int) -> str:
        u = self.unit(known)
        leaves = [
            "self.number",
            "len(self.box)",
            "len(self.log)",
            f"len(self.held[{u}])",
            "1",
            "2",
        ]
        leaves += [f"self.table[{u}][Colour.RED]", f"self.total({u})", "len(self.pool)", "0", "-1"]
        leaves += [n for n, k in known.items() if k == "number" for _ in range(3)]
        leaves += [f"{n}.value" for n, k in known.items() if k == "ask" for _ in range(2)]
        leaves += [f"len({n}.seen)" for n, k in known.items() if k == "tell" for _ in range(2)]
        leaves += [f"sum({n}.marks.values())" for n, k in known.items() if k == "tell"]
        if size <= 0 or self.chance(0.3):
            return self.rng.choice(leaves)
        if self.chance(0.2):
            return self.written_number(known, size)
        left, right = self.number(known, size - 1), self.number(known, size - 1)
        inner = self.name("i")
        within = self.number({**known, inner: "number"}, size - 1)
        some = self.name("m")
        return self.one(
            f"({left} + {right})",
            f"({left} - {right})",
            f"({left} * {right})",
            f"({left} // {self.divisor(right)})",
            f"({left} % {self.divisor(right)})",
            f"({left} if {self.truth(known, size - 1)} else {right})",
            f"sum({within} for {inner} in self.held[{u}])",
            f"max(({within} for {inner} in self.held[{u}]), default={right})",
            f"min({left}, {right})",
            f"sum({some}.value for {some} in self.box if isinstance({some}, Ask))",
            f"sum(1 for {some} in self.log if {self.truth({**known, some: 'message'}, 0)})",
            f"self.pool.count({self.message(known, 'ask')})",
        )

    def divisor(self, value: str) -> str:
        """Hardly ever zero."""
        return value if self.chance(0.1) else self.one("2", "-2", "3", f"(1 + abs({value}))")

    def truth(self, known: dict[str, str], size: int) -> str:
        u = self.unit(known)
        messages = [n for n, k in known.items() if k in ("message", "ask", "tell")]
        leaves = ["self.flag", "self.owner is None", f"self.owner == {u}", "len(self.box) > 0"]
        leaves += [f"isinstance({m}, Ask)" for m in messages if known[m] == "message"]
        leaves += [f"{m}.of == {u}" for m in messages]
        leaves += [f"{m} in self.log" for m in messages]
        tells = [n for n, k in known.items() if k == "tell"]
        leaves += [f"{n}.marks[{u}]" for n in tells for _ in range(2)]
        leaves += [f"{n}.marks == {m}.marks" for n in tells for m in tells]
        leaves += [f"any({n}.marks.values())" for n in tells]
        if size <= 0:
            return f"({self.rng.choice(leaves)})"
        if self.chance(0.2):
            return self.written_truth(known, size)
        some, unit = self.name("m"), self.name("u")
        left, right = self.number(known, size - 1), self.number(known, size - 1)
        return self.one(
            f"({self.rng.choice(leaves)})",
            f"({left} {self.one('<', '<=', '==', '!=', '>', '>=')} {right})",
            f"({left} < {right} <= {self.number(known, 0)})",
            f"({self.truth(known, size - 1)} {self.one('and', 'or')} {self.truth(known, 0)})",
            f"(not {self.truth(known, size - 1)})",
            f"({left} in self.held[{u}])",
            f"({self.message(known, 'message')} in self.box)",
            f"(self.held[{u}] {self.one('<=', '<', '==', '!=')} self.held[{self.unit(known)}])",
            f"({self.message(known, 'ask')} in self.pool)",
            f"(self.last == {self.message(known, 'message')})",
            f"(len(self.log) > 0 and isinstance(self.log[-1], {self.one('Ask', 'Tell')}))",
            f"any({self.truth({**known, some: 'message'}, 0)} for {some} in self.box)",
            f"all({self.truth({**known, unit: 'unit'}, size - 1)} for {unit} in self.units)",
        )
