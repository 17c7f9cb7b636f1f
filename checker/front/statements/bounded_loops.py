"""`while` loops that end: a counter that only moves to its bound, a collection that only shrinks.

Such a loop is a `for` of that many rounds and one more, with a `break` where the condition is
false, so that the condition is computed as often as under CPython.
"""

import ast
from collections.abc import Iterator

from planespec.checker.front.core.rewriting import located, name_of
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.core.type_relations import count
from planespec.checker.front.dispatch import truth_value, unwrap, value
from planespec.checker.front.statements import performs, statement
from planespec.checker.ir.nodes import Op
from planespec.checker.ir.types import Bag, Int, Seq, Set

MOST_ROUNDS = 65_536
UP, DOWN, SHRINK = "up", "down", "shrink"
TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
    ast.NotEq: ast.NotEq,
}
SHRINKING = ("pop", "remove", "clear")
LESS = (*SHRINKING, "discard")


@performs(ast.While)
def bounded_loop(frame: Frame, node: ast.While) -> bool:
    """A loop whose rounds are bounded; others are refused, since the solver writes out each."""
    for test in [] if node.orelse else _parts(node.test):
        for path, way, other in _measures(test):
            rounds = _rounds(frame, path, way, other)
            if rounds is not None and _progresses(node, path, way):
                return _counted(frame, node, path, way, rounds)
    raise _refusal(frame, node)


def _parts(test: ast.expr) -> list[ast.expr]:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return test.values
    return [test]


def _refusal(frame: Frame, node: ast.While) -> Exception:
    if isinstance(node.test, ast.Name | ast.Attribute | ast.Subscript):
        truth_value(frame, node.test)  # of a collection there is none
    always = isinstance(node.test, ast.Constant) and node.test.value is True
    leave = "" if always else f": if not ({ast.unparse(node.test)}): break"
    return frame.refusal(
        node,
        "a while loop may never end",
        f"for over a finite domain, with break; for _ in range(<most rounds>){leave}",
    )


def _measures(test: ast.expr) -> Iterator[tuple[ast.expr, str, ast.expr]]:
    """What a condition bounds: a path, the way it has to move, and the bound."""
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1):
        return
    left, kind, right = test.left, type(test.ops[0]), test.comparators[0]
    for path, op, other in ((left, kind, right), (right, TURNED.get(kind), left)):
        match path:
            case ast.Call(func=ast.Name(id="len"), args=[inner]) if _leaves_at_empty(op, other):
                yield inner, SHRINK, other
            case ast.Name() | ast.Attribute(value=ast.Name()):
                if op in (ast.Lt, ast.LtE):
                    yield path, UP, other
                elif op in (ast.Gt, ast.GtE):
                    yield path, DOWN, other


def _leaves_at_empty(op: type[ast.cmpop] | None, other: ast.expr) -> bool:
    """Whether a loop under `len(xs) <op> other` has ended where nothing is left."""
    least = other.value if isinstance(other, ast.Constant) else None
    return type(least) is int and (
        (op is ast.Gt and least >= 0)
        or (op is ast.GtE and least >= 1)
        or (op is ast.NotEq and least == 0)
    )


def _rounds(frame: Frame, path: ast.expr, way: str, other: ast.expr) -> int | None:
    """The most rounds, by the types of this pass; None where the path or its type will not do."""
    if not isinstance(path, ast.Name | ast.Attribute):
        return None
    with frame.probing():
        found = value(frame, path)
        bound = unwrap(value(frame, other))
    if found.op not in (Op.STATE, Op.LOCAL):
        return None
    match found.type, bound.type:
        case Int(int(low), int(high)), Int(int(least), int(most)) if way != SHRINK:
            rounds = most - low + 1 if way == UP else high - least + 1
        case ((Seq(_, int(capacity)) | Bag(_, int(capacity)) | Set(_, int(capacity))), _):
            rounds = capacity
        case Set(element, None), _:
            rounds = count(element)
        case _:
            return None
    return max(0, rounds) if rounds <= MOST_ROUNDS else None


def _progresses(node: ast.While, path: ast.expr, way: str) -> bool:
    """Whether each round moves the path, and nothing in the body moves it back."""
    text = ast.unparse(path)
    moving = [_moves(part, text, way) for part in node.body]
    if True not in moving:
        return False
    before = node.body[: moving.index(True)]
    others = [part for part, moves in zip(node.body, moving, strict=True) if not moves]
    return not any(isinstance(n, ast.Continue) for n in _walk(before)) and not any(
        _disturbs(n, path, way) for n in _walk(others)
    )


def _walk(parts: list[ast.stmt]) -> Iterator[ast.AST]:
    return (n for part in parts for n in ast.walk(part))


def _moves(part: ast.stmt, text: str, way: str) -> bool:
    """Whether a statement does nothing to the path but move it."""
    match part:
        case ast.AugAssign(target=to, op=op, value=ast.Constant(value=int(step))):
            forward = isinstance(op, ast.Add if way == UP else ast.Sub)
            return way != SHRINK and ast.unparse(to) == text and forward and step > 0
        case ast.Expr(value=call) | ast.Assign(targets=[ast.Name()], value=call):
            given = isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == text
            return way == SHRINK and not given and _takes_out(call, text)
    return False


def _takes_out(call: ast.expr, text: str) -> bool:
    match call:
        case ast.Call(func=ast.Attribute(value=owner, attr=name)):
            return name in SHRINKING and ast.unparse(owner) == text
    return False


def _disturbs(node: ast.AST, path: ast.expr, way: str) -> bool:
    """Whether a node stores to the path, or changes it otherwise than by taking out."""
    text = ast.unparse(path)
    match node:
        case ast.Name() | ast.Attribute() | ast.Subscript():
            stored = isinstance(node.ctx, ast.Store | ast.Del)
            return stored and _below(node, text)
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return name == text
        case ast.Call(func=ast.Attribute(value=owner, attr=name)):
            return ast.unparse(owner) == text and way == SHRINK and name not in LESS
    return False


def _below(node: ast.expr, text: str) -> bool:
    while ast.unparse(node) != text and isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return ast.unparse(node) == text


def _counted(frame: Frame, node: ast.While, path: ast.expr, way: str, rounds: int) -> bool:
    """The `for`; refused where a helper or a line that was not seen changes the variable."""
    first, name = len(frame.changes), frame.fresh("round_of_while")
    inside = ast.If(node.test, node.body, [ast.Break()])
    times = ast.Call(name_of("range"), [ast.Constant(rounds + 1)], [])
    loop = ast.For(ast.Name(name, ast.Store()), times, [inside], [], None)
    statement(frame, located(loop, node))
    known = [p for p in node.body if _moves(p, ast.unparse(path), way)]
    for variable, _, _, place in frame.changes[first:]:
        own = isinstance(path, ast.Attribute) and variable == path.attr
        if own and not any(_within(place, part) for part in known):
            raise _refusal(frame, node)
    return False


def _within(place: ast.AST, part: ast.stmt) -> bool:
    """Whether a change is made by the statement."""
    begin = (getattr(place, "lineno", 0), getattr(place, "col_offset", 0))
    end = (part.end_lineno or 0, part.end_col_offset or 0)
    return (part.lineno, part.col_offset) <= begin < end
