"""Random models whose data have structure: records, unions, bags, sequences, maps of maps.

Values are kept within their ranges most of the time, so that searches go deep; now and then one is
not, and every engine must find the same model error.
"""

from sizes import resized
from structured_expressions import Expressions
from structured_header import HEADER


class Maker(Expressions):
    """Draws statements, actions and predicates of one model."""

    def __init__(self, seed: int, *, symmetric: bool = False) -> None:
        super().__init__(seed, symmetric=symmetric)
        self.steps: dict[str, list[str]] = {}

    def statement(self, known: dict[str, str], size: int, pad: str) -> list[str]:
        """One statement; it may add a local to `known`."""
        if size > 0 and self.chance(0.4):
            return self.compound(known, size, pad)
        if self.chance(0.15):
            return [pad + line for line in self.written_statement(known)]
        u, n = self.unit(known), self.digit(known, 1)
        colour = self.one("Colour.RED", "Colour.BLUE")
        any_message, ask = self.message(known, "message"), self.message(known, "ask")
        simple = [
            f"self.number = ({self.number(known, 2)}) % {self.one('3', '4', '-3')}",
            f"self.number {self.one('+=', '-=')} {self.one('1', '1', '2', self.number(known, 0))}",
            f"self.flag = {self.truth(known, 2)}",
            f"self.owner = {self.one(u, 'None')}",
            f"self.held[{u}].{self.one('add', 'discard')}({n})",
            f"self.held[{u}] = {{{self.digit(known, 0)}, {n}}}",
            f"self.held[{u}] {self.one('|=', '&=', '-=', '^=')} {self.digits(known)}",
            f"self.held[{u}] = self.held[{self.unit(known)}]",
            f"self.table[{u}][{colour}] = {n}",
            f"self.number = (self.number + {self.one('1', '2', n)}) % 4",
            f"self.owner = {u}",
            f"self.put({any_message})",
            f"self.table[{u}] = self.table[{self.unit(known)}]",
            f"self.table[{u}] = each({n})",
            f"self.put({any_message})",
            f"self.box.{self.one('discard', 'discard', 'add')}({any_message})",
            f"self.last = {self.one(any_message, ask, 'None')}",
            f"self.pool.discard({ask})",
            "del self.log[1:]",
            "self.log = self.log[1:]",
            f"self.log = [{any_message}, {ask}]",
            "self.box.clear()",
        ]
        if self.chance(0.05):
            simple = [f"require({self.truth(known, 1)})"]
        elif self.chance(0.06):
            simple = [f"assert {self.truth(known, 2)}", f"self.held[{u}].remove({n})"]
        if self.chance(0.25):
            room = self.one("self.pool", "self.log")
            call = f"{room}.{'add' if room == 'self.pool' else 'append'}({ask})"
            return [f"{pad}if len({room}) < 2:", f"{pad}    {call}"]
        return [pad + self.rng.choice(simple)]

    def compound(self, known: dict[str, str], size: int, pad: str) -> list[str]:
        kind = self.rng.randrange(7)
        inner = pad + "    "
        messages = [n for n, k in known.items() if k == "message"]
        if kind == 0 and messages:
            return self.matched(known, self.rng.choice(messages), size, pad)
        if kind == 1:
            local = self.name("x")
            line = f"{pad}{local} = {self.number(known, 2)}"
            known[local] = "number"
            return [line, *self.statement(known, size - 1, pad)]
        if kind == 2:
            local = self.name("x")
            walked = f"self.held[{self.unit(known)}]"
            within = {**known, local: "number", f"{local}e": "number"}
            leaving, way = self.truth(within, 1), self.one("break", "continue")
            walked = f"sorted({walked})" if way == "break" else walked  # a set has no order
            lines = [
                *(f"{pad}{local} = 0", f"{pad}for {local}e in {walked}:"),
                *(f"{inner}if {leaving}:", f"{inner}    {way}"),
            ]
            units = {name: k for name, k in known.items() if k == "unit"}
            more = self.number({**units, f"{local}e": "number"}, 1)
            lines += [f"{inner}{local} += {more} % 3"]
            known[local] = "number"
            return [*lines, *self.statement(known, size - 1, pad)]
        if kind == 3:
            walks = ["range(2)", "range(self.number)"]
            walks += [] if self.symmetric else ["self.units"]  # a loop has an order
            local, walked = self.name("v"), self.one(*walks)
            within = {**known, local: "unit" if walked == "self.units" else "number"}
            lines = [f"{pad}for {local} in {walked}:"]
            return [*lines, *self.statement(within, size - 1, inner)]
        if kind == 4:
            return self.repeated(known, size, pad)
        lines = [f"{pad}if {self.truth(known, 2)}:", *self.statement(dict(known), size - 1, inner)]
        if self.chance(0.5):
            lines += [f"{pad}else:", *self.statement(dict(known), size - 1, inner)]
        return lines

    def repeated(self, known: dict[str, str], size: int, pad: str) -> list[str]:
        """A loop whose counter goes up or down, or that empties what it looks at."""
        inner, local = pad + "    ", self.name("w")
        within = {**known, local: "number"}
        more = self.one("", f" and {self.truth(within, 1)}")
        leave = [f"{inner}if {self.truth(within, 1)}:", f"{inner}    break"]
        leave = leave if self.chance(0.3) else []
        kind = self.rng.randrange(3)
        if kind == 0:
            least = self.one("0", "1")
            more = self.one("", f" and {self.truth(known, 1)}")
            count = f"{inner}self.number = (self.number + {self.digit(known, 0)}) % 4"
            out = self.one("self.log.pop()", "self.log.pop(0)", "self.log.remove(self.log[0])")
            return [f"{pad}while len(self.log) > {least}{more}:", count, f"{inner}{out}"]
        body = self.statement(within, size - 1, inner)
        if kind == 1:
            head = f"{pad}while {local} < ({self.number(known, 1)}) % 4{more}:"
            step = f"{inner}{local} += {self.one('1', '1', '2')}"
            return [f"{pad}{local} = 0", head, *body, *leave, step]
        head = f"{pad}while {self.one('0', '-1')} < {local}{more}:"
        return [f"{pad}{local} = 2", head, f"{inner}{local} -= 1", *body, *leave]

    def matched(self, known: dict[str, str], name: str, size: int, pad: str) -> list[str]:
        """The message taken apart, by `match` or by `isinstance`."""
        inner, deeper = pad + "    ", pad + "        "
        asked, told = {**known, name: "ask"}, {**known, name: "tell"}
        if self.chance(0.5):
            lines = [f"{pad}if isinstance({name}, Ask):"]
            if self.chance(0.5):
                lines += [f"{inner}self.put(replace({name}, value={self.digit(asked, 1)}))"]
            lines += self.statement(asked, size - 1, inner)
            return [*lines, f"{pad}else:", *self.statement(told, size - 1, inner)]
        value = self.name("w")
        lines = [f"{pad}match {name}:", f"{inner}case Ask(value={value}):"]
        lines += self.statement({**asked, value: "number"}, size - 1, deeper)
        if self.chance(0.7):
            seen = self.one("Tell()", "Tell(colour=Colour.BLUE)", "_")
            within = told if seen != "_" else known
            lines += [f"{inner}case {seen}:", *self.statement(dict(within), size - 1, deeper)]
        return lines

    def action(self, name: str, mark: str) -> list[str]:
        parameters, known = ["self"], dict[str, str]()
        for text, local, kind in (
            ("u: Unit", "u", "unit"),
            ("d: Digit", "d", "number"),
            ('m: Message = among("box")', "m", "message"),
            ('a: Ask = among("pool")', "a", "ask"),
            ('g: Message = among("log")', "g", "message"),
            ('h: Digit = among("held[u]")', "h", "number"),
        ):
            share = 0.3 if "among" not in text else 0.15 if mark == "action" else 0.0
            share = 1.0 if local == "u" and self.symmetric else share
            share *= "[u]" not in text or "u" in known
            if self.chance(share) and len(parameters) < 3:
                parameters.append(text)
                known[local] = kind
        lines = ["", f"    @{mark}", f"    def {name}({', '.join(parameters)}) -> None:"]
        lines.append('        """Drawn."""')
        if mark == "action" and self.chance(0.3):
            lines.append(f"        require({self.truth(known, 2)})")
        if mark == "action" and self.steps and self.chance(0.15):
            lines.append(f"        require({self.one('', 'not ')}{self.asked(known)})")
        if mark == "action":
            self.steps[name] = [text.partition(":")[0] for text in parameters[1:]]
        if mark == "action" and self.chance(0.3):
            u = self.unit(known)
            walked, kind = self.rng.choice(
                [
                    (f"self.held[{u}]", "number"),
                    ("range(-1, 2)", "number"),
                    ("self.box", "message"),
                ]
                + [("self.units", "unit"), ("self.pool", "ask"), ("self.log", "message")]
            )
            lines.append(f"        c = choose({walked})")
            known["c"] = kind
        for _ in range(self.rng.randint(1, 3)):
            lines += self.statement(known, 2, "        ")
        return [*lines, self.progress(known)] if self.chance(0.8) else lines

    def asked(self, known: dict[str, str]) -> str:
        """Whether a step declared before can be taken, with some of its parameters given."""
        name = self.rng.choice(list(self.steps))
        values = {
            "u": self.unit(known),
            "d": self.digit(known, 0),
            "a": self.message(known, "ask"),
        }
        values |= {p: self.message(known, "message") for p in "mg"}
        values["h"] = self.digit(known, 0)
        given = [f", {p}={values[p]}" for p in self.steps[name] if self.chance(0.5)]
        return f"enabled(self.{name}{''.join(given)})"

    def progress(self, known: dict[str, str]) -> str:
        """A statement that hardly ever leads back to the same state."""
        u, n = self.unit(known), self.digit(known, 1)
        return "        " + self.one(
            "self.number = (self.number + 1) % 4",
            "self.flag = not self.flag",
            f"self.put({self.message(known, 'message')})",
            f"self.held[{u}] ^= {{{n}}}",
            f"self.table[{u}][Colour.BLUE] = (self.table[{u}][Colour.BLUE] + 1) % 2",
            f"self.log = self.log[1:] + [{self.message(known, 'message')}]",
        )

    def predicate(self, mark: str, name: str, more: str = "") -> list[str]:
        known = {"before.number": "number"} if more else {}
        known |= {"u": "unit"} if self.symmetric else {}
        test = self.truth(known, 2)
        if self.steps and self.chance(0.15):
            test = f"({test} {self.one('or', 'and', '!=')} {self.asked(known)})"
        if mark not in ("terminal", "reachable") and self.chance(0.8):
            test = f"({test} or {self.truth(known, 2)} or {self.truth(known, 2)})"
        if self.symmetric:
            test = f"{self.one('all', 'any')}({test} for u in self.units)"
        head = ["", f"    @{mark}", f"    def {name}(self{more}) -> bool:"]
        return [*head, '        """Drawn."""', f"        return {test}"]

    def model(self) -> str:
        size = "3, symmetric=True" if self.symmetric else "2"
        lines = [HEADER.replace("sort(2)", f"sort({size})").rstrip()]
        if self.chance(0.7):
            lines += ["", f"    deadlock = {self.chance(0.2)}"]
        for k in range(self.rng.choice([0, 0, 1, 2])):
            lines += self.action(f"begin{k}", "initial")
        for k in range(self.rng.randint(2, 4)):
            lines += self.action(f"step{k}", "action")
        for mark in ("invariant", "constraint", "terminal", "reachable"):
            if self.chance(0.15 if mark == "constraint" else 0.3):
                lines += self.predicate(mark, f"{mark}_rule")
        if self.chance(0.12):
            lines += self.predicate("step_constraint", "step_bound", ", before: 'Random'")
        if self.chance(0.3):
            lines += self.predicate("step_invariant", "step_rule", ", before: 'Random'")
        return "\n".join(lines) + "\n"


def structured_model_of(seed: int) -> str:
    """The source of the model that a seed stands for."""
    return resized(Maker(seed).model(), seed, "self.owner")


def symmetric_model_of(seed: int) -> str:
    """The same for units none of which differs from the others."""
    return resized(Maker(seed, symmetric=True).model(), seed, "self.owner")
