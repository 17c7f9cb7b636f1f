"""`zip(xs, ys, strict=True)`: where a walk gets to its end, all must be equally long.

CPython looks at the lengths when the shortest has ended: a walk that is left early sees nothing.
A loop looks after its last round, `all` and `any` where no element decides, and whatever takes all
elements before it begins, since it goes wrong in any case.
"""

import ast
from copy import copy

from planespec.checker.front.core.building import conjunction, constant, truth
from planespec.checker.front.core.rewriting import located, name_of
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.dispatch import value
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Option

EARLY = "may_end_early"
"""An attribute of calls of `zip` in a walk that may be left before its end."""


def is_strict(node: ast.AST) -> bool:
    """Whether a walk is one over `zip` with `strict=True`."""
    match node:
        case ast.Call(func=ast.Name(id="zip"), args=[_, _, *_], keywords=[keyword]):
            given = keyword.value
            is_true = isinstance(given, ast.Constant) and given.value is True
            return keyword.arg == "strict" and is_true
    return False


def is_whole(node: ast.AST) -> bool:
    """Whether a `zip` that must be of equal lengths is walked to its end in any case."""
    return is_strict(node) and not hasattr(node, EARLY)


def note_early(node: ast.AST) -> None:
    """Note that a walk over what is written here may be left early."""
    if is_strict(node):
        setattr(node, EARLY, True)
    match node:
        case ast.GeneratorExp(generators=generators):
            for generator in generators:
                note_early(generator.iter)
        case ast.Call(func=ast.Name(id="zip" | "enumerate" | "iter"), args=given):
            for part in given:
                note_early(part)


def loose(node: ast.expr) -> ast.expr:
    """The same walk without a look at the lengths."""
    assert isinstance(node, ast.Call)
    made = copy(node)
    made.keywords = []
    return made


def _same_length(node: ast.expr) -> ast.expr:
    assert isinstance(node, ast.Call)
    first, *others = [ast.Call(name_of("len"), [a], []) for a in node.args]
    return located(ast.Compare(first, [ast.Eq() for _ in others], list(others)), node)


def with_check(frame: Frame, node: ast.For) -> list[ast.stmt]:
    """A loop that ends with the look at the lengths, unless it is left by `break`."""
    name = frame.fresh("equally_long")
    look = ast.Assign([ast.Name(name, ast.Store())], _same_length(node.iter))
    check = ast.Assert(name_of(name), ast.Constant("zip of several lengths"))
    rest = [located(check, node.iter), *node.orelse]
    loop = ast.For(node.target, loose(node.iter), node.body, rest, None)
    return [located(look, node.iter), ast.copy_location(loop, node)]


def equally_long(frame: Frame, node: ast.expr) -> Expr:
    """True, or a model error where the lengths differ."""
    same = value(frame, _same_length(node))
    at, type_ = same.at, Option(same.type)
    yes = Expr(Op.SOME, type_, (truth(True, at),), at)
    known = Expr(Op.IF, type_, (same, yes, constant(None, type_, at)), at)
    return Expr(Op.UNWRAP, same.type, (known,), at)


def checked_length(frame: Frame, node: ast.expr, shortest: Expr) -> Expr:
    """How many rounds a walk has; a model error where the lengths differ."""
    test = conjunction([equally_long(frame, node)], shortest.at)
    return Expr(Op.IF, shortest.type, (test, shortest, shortest), shortest.at)
