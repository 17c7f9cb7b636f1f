"""What people write beyond the plain forms, drawn at random: see `structured_expressions`."""

from collections.abc import Callable

Known = dict[str, str]


class Forms:
    """Draws such numbers, truths and statements; what is around them comes from `Expressions`."""

    one: Callable[..., str]
    name: Callable[[str], str]
    unit: Callable[[Known], str]
    digit: Callable[[Known, int], str]
    number: Callable[[Known, int], str]
    truth: Callable[[Known, int], str]
    message: Callable[[Known, str], str]

    def written_number(self, known: Known, size: int) -> str:
        u, v, n = self.unit(known), self.unit(known), self.number(known, size - 1)
        a, b = self.name("a"), self.name("b")
        row, other = f"sorted(self.held[{u}])", f"sorted(self.held[{v}])"
        return self.one(
            f"int({self.truth(known, 0)})",
            f"sum({self.truth({**known, a: 'number'}, 0)} for {a} in {row})",
            f"({n} << ({self.number(known, 0)}) % 3)",
            f"(({n}) % 3) ** 2",
            f"len([{n}] * ({self.number(known, 0)} % 3))",
            f"len({{*self.held[{u}], {n}}})",
            "len(set().union(*self.held.values()))",
            f"sum({a} * {b} for {a}, {b} in zip({row}, {other}))",
            f"sum({a} - {b} for {a}, {b} in zip({row}, {row}, strict=True))",
            f"sum({a} + {b} for {a}, {b} in enumerate({row}, {n}))",
            f"next(({a} for {a} in {row} if {self.truth({**known, a: 'number'}, 0)}), {n})",
            f"max({row}, key=lambda {a}: {a} * {n}, default={n})",
            f"len({row}[::{self.one('2', '-1', '-2')}])",
            f"{row}.count({n})",
            "self.grade",
            "self.grade.value",
            "self.pair[0]",
            f"self.grid[{u}, {self.one('Colour.RED', 'Colour.BLUE')}]",
            f"self.grid.get(({v}, Colour.BLUE))",
            "sum(self.grid.values())",
            f"sum({n} for ({a}, {b}), {a}v in self.grid.items() if {a} == {u} and {a}v > 0)",
            f"max({{{a}: {b} for {a}, {b} in self.grid.items()}}.values())",
        )

    def written_truth(self, known: Known, size: int) -> str:
        u, v, n = self.unit(known), self.unit(known), self.number(known, size - 1)
        row, other = f"sorted(self.held[{u}])", f"sorted(self.held[{v}])"
        one, more = self.truth(known, 0), self.truth(known, 0)
        a, b = self.name("a"), self.name("b")
        return self.one(
            f"({row} {self.one('<', '<=', '>', '>=')} {other})",
            f"(({n}, {one}) {self.one('<', '==', '>=')} (self.pair[0], self.pair[1]))",
            f"{self.one('any', 'all')}([{one}, {more}])",
            f"all({a} <= {b} for {a}, {b} in zip({row}, {other}, strict=True))",
            f"any({a} < {b} for {a}, {b} in zip({row}, {other}, strict=True))",
            f"({n} in {{{self.number(known, 0)}, {self.number(known, 0)}}})",
            f"({n} in self.table[{u}].values())",
            f"({n} in range(0, 6, {self.one('2', '3')}))",
            "self.grade.is_top()",
            f"(self.grade {self.one('<', '==', '>=')} {n})",
            f"({one} in self.pair[1:])",
            f"(({u}, Colour.RED) in self.grid.keys() and {one})",
            f"any(self.grid[{a}] == {n} for {a} in self.grid.keys() if {a}[0] != {v})",
            f"({n} in self.grid.values())",
            f"(self.grid == {{({a}, {b}): 0 for {a} in self.units for {b} in Colour}})",
        )

    def written_statement(self, known: Known) -> list[str]:
        """Lines without their indent; they may add a local to `known`."""
        u, n, m = self.unit(known), self.digit(known, 1), self.message(known, "message")
        new = self.name("g")
        lines = self.one(
            f"{new} = given(self.owner)\nself.held[{new}].add({n})",
            f"self.held[given(self.owner)] ^= {{{n}}}",
            f"self.table[given(self.owner)][Colour.BLUE] = {n}",
            "self.number = (self.number + len(given(self.last).of_all())) % 4",
            f"require(given(self.owner) == {u})",
            f"self.log[:] = self.log[{self.one('1:', ':1', '::-1')}]",
            f"self.log[{self.one('0:1', '-1:', '1:', ':0')}] = [{m}][{self.one(':', '1:')}]",
            f"self.pair = ({n}, {self.truth(known, 1)})",
            f"self.pair = (self.pair[0], {self.truth(known, 0)})",
            f"{new}, {new}b = self.pair\nself.flag = {new}b",
            f"({new},) = self.held[{u}]\nself.number = {new}",
            f"self.flag, self.owner = self.owner == {u}, {u}",
            f"self.grade = Grade(1 + {n})",
            f"self.grade = {self.one('Grade.LOW', 'Grade.TOP', 'max(Grade)')}",
            f"{new} = [{n}, 0]\n{new}[-1] = {n}\ndel {new}[0]\nself.number = {new}[0]",
            f"{new} = {{{new}u: [0] for {new}u in self.units}}\n{new}[{u}].append({n})\n"
            f"{new}[{u}][0] += {n}\nself.number = sum({new}[{u}]) % 4",
            f"{new} = [[{n}, 0] for _ in range(2)]\n{new}[{n}][1] = {n}\n"
            f"self.number = {new}[1][1] + {new}[0][0]",
            f"self.grid[{u}, Colour.BLUE] = {n}",
            f"self.grid = self.grid | {{({u}, Colour.RED): {n}}}",
            f"self.grid = {{({new}, {new}b): {n} for {new} in self.units for {new}b in Colour}}",
            f"for {new}, {new}b in self.grid.items():\n    self.grid[{new}] = 1 - {new}b",
            f"{new} = ({u}, Colour.BLUE)\nself.grid[{new}] = ({n} + self.grid[{new}]) % 2",
            f"for {new}, {new}b in self.table[{u}].items():\n    self.number = {new}b",
        )
        return lines.split("\n")
