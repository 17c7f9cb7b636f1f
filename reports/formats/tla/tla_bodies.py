"""Bodies of actions and helpers in TLA+, by continuation: each statement is given what follows it.

The state in the middle of an action is a record, `[Now EXCEPT !.term[s] = 1]` and on, and an
action ends in `Become(record)`. A branch that does nothing but compute becomes an expression;
where branches choose, or may be disabled, what follows them is an operator that each calls. Loops
are recursive operators over the sequence of what is walked.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import (
    Assign,
    Break,
    Check,
    Choose,
    Continue,
    Do,
    Expr,
    For,
    If,
    Let,
    Op,
    Require,
    Return,
    Stmt,
)
from planespec.reports.formats.tla import continuations
from planespec.reports.formats.tla.columns import Both, Branch, Define, Node, Some, Text
from planespec.reports.formats.tla.continuations import (
    STATE,
    Carried,
    Exits,
    Next,
    asserted,
    called,
    grouped,
    packed,
    unwrapped,
    updated,
    within_bounds,
)
from planespec.reports.formats.tla.rendering import Exported, Scope
from planespec.reports.formats.tla.tla_expressions import bracketed, call, express
from planespec.reports.formats.tla.tla_folds import places_of, sequence_of


class Body:
    """Renders the blocks of one system."""

    def __init__(self, module: Exported) -> None:
        self.module = module

    def block(self, block: continuations.Block, scope: Scope, exits: Exits, after: Next) -> Node:
        """The text of a block and of what follows it."""
        if not block:
            return after.go(scope)
        first, rest = block[0], block[1:]
        if isinstance(first, Assign):
            group = grouped(self.module, block)
            return self._assign(block[: len(group)], block[len(group) :], scope, exits, after)
        if rest:
            after = self._followed(rest, exits, after)
        handler: Handler = HANDLERS[type(first)]
        return handler(self, first, scope, exits, after)

    def _followed(self, rest: continuations.Block, exits: Exits, after: Next) -> Next:
        live = after.live | continuations.reads(rest)
        return Next(lambda scope: self.block(rest, scope, exits, after), live)

    def _assign(
        self,
        group: continuations.Block,
        rest: continuations.Block,
        scope: Scope,
        exits: Exits,
        after: Next,
    ) -> Node:
        changes = [s for s in group if isinstance(s, Assign)]
        name = scope.names.fresh(STATE)
        value = updated(self.module, changes, scope)
        body = self.block(rest, scope.moved(name), exits, after)
        node: Node = Define(name, Text(value), body)
        for guard in within_bounds(self.module, changes, scope):
            node = asserted(guard, "an index beyond the end", node, exits)
        return node

    def let(self, s: Let, scope: Scope, exits: Exits, after: Next) -> Node:
        """A local."""
        name = scope.names.fresh(s.name)
        value = express(self.module, s.value, scope)
        return Define(name, Text(value), after.go(scope.bind(s.name, name)))

    def if_(self, s: If, scope: Scope, exits: Exits, after: Next) -> Node:
        """A branch: an expression if it only computes, else each branch goes on by itself."""
        condition = express(self.module, s.condition, scope)
        if continuations.is_straight(self.module.system, (s,)):
            return self._computed((s,), scope, after, self._choice(s, condition, scope))
        both = continuations.falls(s.then) and continuations.falls(s.orelse)
        wrap, after = self.joined((s,), scope, after) if both else (unwrapped, after)
        then = self.block(s.then, scope, exits, after)
        return wrap(Branch(condition, then, self.block(s.orelse, scope, exits, after)))

    def _choice(self, s: If, condition: str, scope: Scope) -> Callable[[Exits, Next], Node]:
        def node(exits: Exits, end: Next) -> Node:
            then = self.block(s.then, scope, exits, end)
            return Branch(condition, then, self.block(s.orelse, scope, exits, end))

        return node

    def _computed(
        self,
        block: continuations.Block,
        scope: Scope,
        after: Next,
        node: Callable[[Exits, Next], Node],
    ) -> Node:
        """A statement as one expression that results in all it changes."""
        carried = self.carried(block, after)
        if not carried.state and not carried.names:
            return after.go(scope)
        end = Next(lambda inner: Text(packed(carried.arguments(self.module, inner))), after.live)
        value = node(Exits(_no_return, in_step=False), end)
        found, inner = carried.bound(scope)
        if len(found) == 1:
            return Define(found[0], value, after.go(inner))
        whole = scope.names.fresh("both")
        result = after.go(inner)
        for place in reversed(range(len(found))):
            result = Define(found[place], Text(f"{whole}[{place + 1}]"), result)
        return Define(whole, value, result)

    def carried(self, block: continuations.Block, after: Next) -> Carried:
        """What the block changes and what follows it reads."""
        names = tuple(sorted(continuations.writes(block) & after.live))
        return Carried(continuations.changes(block), names)

    def joined(
        self, block: continuations.Block, scope: Scope, after: Next
    ) -> tuple[Callable[[Node], Node], Next]:
        """Make what follows an operator, so that several branches can call it."""
        if after.is_short:
            return unwrapped, after
        carried = self.carried(block, after)
        name = scope.names.fresh("then")
        bound, inner = carried.bound(scope)
        head, value = called(name, bound), after.go(inner)

        def go(end: Scope) -> Node:
            return Text(called(name, carried.arguments(self.module, end)))

        return lambda node: Define(head, value, node), Next(go, after.live, is_short=True)

    def for_(self, s: For, scope: Scope, exits: Exits, after: Next) -> Node:
        """A loop: a recursive operator over the sequence of what is walked."""
        if continuations.is_straight(self.module.system, (s,)):
            return self._computed((s,), scope, after, lambda e, n: self._loop(s, scope, e, n))
        if continuations.breaks(s.body):
            wrap, after = self.joined((s,), scope, after)
            return wrap(self._loop(s, scope, exits, after))
        return self._loop(s, scope, exits, after)

    def _loop(self, s: For, scope: Scope, exits: Exits, after: Next) -> Node:
        live = after.live | continuations.reads(s.body)
        carried = self.carried((s,), Next(after.go, live))
        name, rest = scope.names.fresh("loop"), scope.names.fresh("rest")
        bound, inner = carried.bound(scope)

        def again(end: Scope) -> Node:
            return Text(called(name, [f"Tail({rest})", *carried.arguments(self.module, end)]))

        round_ = Next(again, live, is_short=True)
        element = scope.names.fresh(s.name)
        inside = replace(exits, broken=after, continued=round_)
        body = self.block(s.body, inner.bind(s.name, element), inside, round_)
        value = Branch(
            f"{rest} = <<>>", after.go(inner), Define(element, Text(f"Head({rest})"), body)
        )
        walked = sequence_of(self.module, s.domain, scope)
        first = Text(called(name, [walked, *carried.arguments(self.module, scope)]))
        declared = called(name, ["_"] * (1 + len(bound)))
        return Define(called(name, [rest, *bound]), value, first, declared)

    def require(self, s: Require, scope: Scope, exits: Exits, after: Next) -> Node:
        """A guard: a conjunct."""
        return Both((*(Text(g) for g in self.guards(s.condition, scope)), after.go(scope)))

    def guards(self, condition: Expr, scope: Scope) -> list[str]:
        r"""The conjuncts of a guard.

        TLC takes a `\/` or `\E` in an action for a choice, also where it stands in a guard or in
        an operator that a guard calls, and then counts a successor twice; compared with TRUE it
        does not.
        """
        if condition.op is Op.AND:
            return [g for a in condition.args for g in self.guards(a, scope)]
        text = express(self.module, condition, scope)
        return [text if condition.op in PLAIN else f"{bracketed(text)} = TRUE"]

    def check(self, s: Check, scope: Scope, exits: Exits, after: Next) -> Node:
        """An assertion of the model, which TLC reports like any other error."""
        condition = express(self.module, s.condition, scope)
        return asserted(condition, s.message, after.go(scope), exits)

    def choose(self, s: Choose, scope: Scope, exits: Exits, after: Next) -> Node:
        """Nondeterminism."""
        name = scope.names.fresh(s.name)
        domain, array = places_of(self.module, s.domain, scope)
        if array is None:
            return Some(f"{name} \\in {bracketed(domain)}", after.go(scope.bind(s.name, name)))
        place = scope.names.fresh("place")
        body = Define(name, Text(f"{array}[{place}]"), after.go(scope.bind(s.name, name)))
        return Some(f"{place} \\in {bracketed(domain)}", body)

    def do(self, s: Do, scope: Scope, exits: Exits, after: Next) -> Node:
        """A procedure: an operator if it always ends in one way, else its body in this place."""
        function = self.module.system.functions[s.function]
        if not continuations.is_total(self.module.system, function.body):
            return self._inlined(s, scope, exits, after)
        arguments = [express(self.module, a, scope) for a in s.args]
        text = call(self.module, s.function, arguments, scope)
        state = scope.names.fresh(STATE)
        if isinstance(function.result, t.Nothing):
            return Define(state, Text(text), after.go(scope.moved(state)))
        whole, inner = scope.names.fresh("both"), scope.moved(state)
        if s.name is None:
            rest = after.go(inner)
        else:
            name = scope.names.fresh(s.name)
            rest = Define(name, Text(f"{whole}[2]"), after.go(inner.bind(s.name, name)))
        return Define(whole, Text(text), Define(state, Text(f"{whole}[1]"), rest))

    def _inlined(self, s: Do, scope: Scope, exits: Exits, after: Next) -> Node:
        function = self.module.system.functions[s.function]
        several = continuations.exits(function.body) > 1
        wrap, follow = self.joined((s,), scope, after) if several else (unwrapped, after)

        def returned(end: Scope, value: str | None) -> Node:
            outer = scope.moved(end.state)
            if s.name is None or value is None:
                return follow.go(outer)
            name = scope.names.fresh(s.name)
            return Define(name, Text(value), follow.go(outer.bind(s.name, name)))

        inner, given = replace(scope, locals={}), list[tuple[str, str]]()
        for parameter, argument in zip(function.parameters, s.args, strict=True):
            given.append(
                (scope.names.fresh(parameter.name), express(self.module, argument, scope))
            )
            inner = inner.bind(parameter.name, given[-1][0])
        own = Exits(returned, in_step=exits.in_step)
        node = self.block(function.body, inner, own, Next(lambda end: returned(end, None)))
        for name, text in reversed(given):
            node = Define(name, Text(text), node)
        return wrap(node)

    def return_(self, s: Return, scope: Scope, exits: Exits, after: Next) -> Node:
        """The end of a function or action."""
        value = None if s.value is None else express(self.module, s.value, scope)
        return exits.returned(scope, value)

    def break_(self, s: Break, scope: Scope, exits: Exits, after: Next) -> Node:
        """Go on after the loop."""
        assert exits.broken is not None
        return exits.broken.go(scope)

    def continue_(self, s: Continue, scope: Scope, exits: Exits, after: Next) -> Node:
        """Go on with the rest of the sequence."""
        assert exits.continued is not None
        return exits.continued.go(scope)


PLAIN = frozenset(
    {Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE, Op.NOT, Op.IN, Op.IS_NONE, Op.IS, Op.SUBSET}
)
"""Operations that TLC evaluates as values wherever they stand."""

Handler = Callable[[Body, Any, Scope, Exits, Next], Node]

HANDLERS: Mapping[type[Stmt], Handler] = {
    Let: Body.let,
    If: Body.if_,
    For: Body.for_,
    Require: Body.require,
    Check: Body.check,
    Choose: Body.choose,
    Do: Body.do,
    Return: Body.return_,
    Break: Body.break_,
    Continue: Body.continue_,
}


def _no_return(scope: Scope, value: str | None) -> Node:
    raise AssertionError("a return inside a block that is left at its end only")
