"""What can be told about statements without lowering them."""

from collections.abc import Callable, Iterator

from planespec.checker.errors import SystemRefusal
from planespec.checker.ir.nodes import Assign, Choose, Do, Expr, For, If, Let, Op, Return, Stmt
from planespec.checker.ir.system import Action, System
from planespec.checker.ir.types import Array, Bag, Int, Seq, Set, Span, Type, cardinality

MOST_CHOICES = 64
MANY = 1 << 62


def nested(statements: tuple[Stmt, ...]) -> Iterator[Stmt]:
    """The statements and everything inside them."""
    for statement in statements:
        yield statement
        if isinstance(statement, If):
            yield from nested(statement.then)
            yield from nested(statement.orelse)
        elif isinstance(statement, For):
            yield from nested(statement.body)


def reaches(system: System, statements: tuple[Stmt, ...], test: Callable[[Stmt], bool]) -> bool:
    """Whether a statement that passes the test may run, in procedures called too."""
    return any(
        test(s) or (isinstance(s, Do) and reaches(system, system.functions[s.function].body, test))
        for s in nested(statements)
    )


def changes_state(system: System, statements: tuple[Stmt, ...]) -> bool:
    """Whether the statements may store in the state."""
    return reaches(system, statements, lambda s: isinstance(s, Assign))


def chooses(system: System, statements: tuple[Stmt, ...]) -> bool:
    """Whether the statements may choose."""
    return reaches(system, statements, lambda s: isinstance(s, Choose))


def needs_copy(system: System, statement: Stmt) -> bool:
    """Whether the successor must exist before the statement runs: it stores or ends the action."""
    one = (statement,)
    returns = any(isinstance(s, Return) for s in nested(one))
    return returns or changes_state(system, one)


def carries_over(system: System, body: tuple[Stmt, ...]) -> bool:
    """Whether a local that is set before a choice changes after it.

    Such a body must run from its beginning for each choice: a loop round the rest of it would take
    over what the choice before left in the local.
    """
    return any(
        assigned_names(body[:k]) & assigned_names(body[k:])
        for k, statement in enumerate(body)
        if isinstance(statement, Choose) or chooses(system, (statement,))
    )


def assigned_names(statements: tuple[Stmt, ...]) -> set[str]:
    """Locals that the statements give a value."""
    found = set()
    for s in nested(statements):
        if isinstance(s, Let | For | Choose) or (isinstance(s, Do) and s.name is not None):
            found.add(s.name)
    return {name for name in found if name is not None}


def most_choices(system: System, statements: tuple[Stmt, ...]) -> int:
    """Upper bound on choices made by one run of the statements."""
    total = 0
    for s in statements:
        if isinstance(s, Choose):
            total += 1
        elif isinstance(s, If):
            total += max(most_choices(system, s.then), most_choices(system, s.orelse))
        elif isinstance(s, For):
            total += most_rounds(s.domain) * most_choices(system, s.body)
        elif isinstance(s, Do):
            total += most_choices(system, system.functions[s.function].body)
    return total


def most_instances(system: System, action: Action) -> int:
    """Upper bound on the instances of an action at one state, choices counted; at most `MANY`."""
    total = most_vectors(system, action.body)
    for parameter in action.parameters:
        assert parameter.domain is not None
        total = min(total * max(most_rounds(parameter.domain), 1), MANY)
    return total


def most_vectors(system: System, statements: tuple[Stmt, ...]) -> int:
    """Upper bound on the ways in which one run of the statements may choose; at most `MANY`."""
    total = 1
    for s in statements:
        ways = 1
        if isinstance(s, Choose):
            ways = most_rounds(s.domain)
        elif isinstance(s, If):
            ways = max(most_vectors(system, s.then), most_vectors(system, s.orelse))
        elif isinstance(s, For):
            inside = most_vectors(system, s.body)
            ways = 1 if inside <= 1 else inside ** min(most_rounds(s.domain), MANY.bit_length())
        elif isinstance(s, Do):
            ways = most_vectors(system, system.functions[s.function].body)
        total = min(total * max(ways, 1), MANY)
    return total


def check_choices(system: System, what: str, statements: tuple[Stmt, ...]) -> int:
    """The bound of `most_choices`; raises SystemRefusal when it is beyond what is kept."""
    bound = most_choices(system, statements)
    if bound > MOST_CHOICES:
        raise SystemRefusal(
            f"{what} may choose {bound} times in one step; the native engine keeps "
            f"{MOST_CHOICES} choices"
        )
    return bound


def most_rounds(domain: Expr) -> int:
    """Upper bound on the elements walked."""
    if domain.op is Op.RANGE:
        low, high = (a.type for a in domain.args)
        if isinstance(low, Int) and isinstance(high, Int):
            return max(high.bounds[1] - low.bounds[0], 0)
    return most_elements(domain.type)


def most_elements(type_: Type) -> int:
    """Upper bound on the elements of a collection, array or span."""
    match type_:
        case Seq(_, capacity) | Bag(_, capacity):
            return capacity
        case Set(element, capacity):
            return cardinality(element) if capacity is None else capacity
        case Array(key, _):
            return cardinality(key)
        case Span(element):
            return cardinality(element)
    raise SystemRefusal(f"the native engine cannot walk {type_}")
