"""A small compiler for the search kernel: restricted Python functions to LLVM text.

The generic part of a native search (visited table, frontier, work sharing) is written as plain
Python over unsigned 64-bit words and pointers to them, and compiled together with the model, so
that LLVM sees the state width as a constant and inlines across the border. Compiling it takes
milliseconds; nothing but llvmlite is needed.

The dialect: parameters and results are `Word` (an unsigned 64-bit number, arithmetic wraps) or
`Words` (a pointer to words); locals take the type of their first value; `while`, `if`,
`for x in range(...)`, `return`, `break`, `continue`; `p[i]` loads and stores; `and`, `or`, `not`
on comparisons stop early. Names that are not locals are compile-time constants or other kernels.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

from planespec.checker.engines.native.kernels.kernel_expressions import FunctionText, Signature

Word = int
Words = list[int]


def compile_kernels(
    functions: Iterable[Callable[..., Any]],
    constants: dict[str, int],
    externals: dict[str, Signature],
) -> str:
    """Return LLVM text that defines every function of `functions` under its own name.

    `constants` are substituted; `externals` names functions of the model's own text. Functions
    whose name begins with an underscore, and the two that run once a successor, are inlined.
    """
    trees = [_parse(f) for f in functions]
    signatures = externals | {t.name: _signature(t) for t in trees}
    return "\n".join(_Function(t, signatures, constants).text() for t in trees)


def _parse(function: Callable[..., Any]) -> ast.FunctionDef:
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


def _signature(node: ast.FunctionDef) -> Signature:
    return Signature(
        tuple(_type(a.annotation) for a in node.args.args),
        "void" if _is_none(node.returns) else _type(node.returns),
        inline=node.name.startswith("_") or node.name in {"kernel_slot", "kernel_emit"},
    )


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _type(node: ast.expr | None) -> str:
    assert isinstance(node, ast.Name), "a kernel's parameters are annotated Word or Words"
    return {"Word": "i64", "Words": "ptr"}[node.id]


class _Function(FunctionText):
    """Statements of one kernel; expressions are in the base class."""

    def __init__(
        self, node: ast.FunctionDef, signatures: dict[str, Signature], constants: dict[str, int]
    ) -> None:
        super().__init__(signatures, constants)
        self.node = node
        self.loops: list[tuple[str, str]] = []

    def text(self) -> str:
        """The whole definition."""
        signature = self.signatures[self.node.name]
        names = [a.arg for a in self.node.args.args]
        head = ", ".join(f"{t} %{n}.in" for t, n in zip(signature.parameters, names, strict=True))
        for type_, name in zip(signature.parameters, names, strict=True):
            self.store_local(name, type_, f"%{name}.in")
        self.block(self.node.body)
        if not self.closed:
            self.line("ret void" if signature.result == "void" else "unreachable")
        attributes = "alwaysinline nounwind" if signature.inline else "noinline nounwind"
        linkage = "internal " if signature.inline else ""
        body = "\n".join([*self.allocas, "  br label %start", "start:", *self.lines])
        name = self.node.name
        return f"define {linkage}{signature.result} @{name}({head}) {attributes} {{\n{body}\n}}\n"

    def block(self, statements: list[ast.stmt]) -> None:
        """Emit statements until control cannot go on."""
        for statement in statements:
            if self.closed:
                return
            getattr(self, f"on_{type(statement).__name__.lower()}")(statement)

    def on_expr(self, node: ast.Expr) -> None:
        """A docstring or a call for its effect."""
        if not isinstance(node.value, ast.Constant):
            self.value(node.value)

    def on_assign(self, node: ast.Assign) -> None:
        """`x = e` or `p[i] = e`."""
        self.assign(node.targets[0], *self.value(node.value))

    def on_augassign(self, node: ast.AugAssign) -> None:
        """`x += e` and friends."""
        load = ast.BinOp(_loaded(node.target), node.op, node.value)
        self.assign(node.target, *self.value(load))

    def assign(self, target: ast.expr, type_: str, value: str) -> None:
        """Store into a local or through a pointer."""
        if isinstance(target, ast.Name):
            self.store_local(target.id, type_, value)
            return
        assert isinstance(target, ast.Subscript)
        address = self.address(target)
        self.line(f"store i64 {value}, ptr {address}")

    def on_return(self, node: ast.Return) -> None:
        """Leave the function."""
        if node.value is None:
            self.close("ret void")
        else:
            type_, value = self.value(node.value)
            self.close(f"ret {type_} {value}")

    def on_if(self, node: ast.If) -> None:
        """Both branches join unless they leave; a constant condition leaves one of them out."""
        known = self.known(node.test)
        if known is not None:
            self.block(node.body if known else node.orelse)
            return
        then, other, join = self.labels("then", "else", "join")
        self.close(f"br i1 {self.truth(node.test)}, label %{then}, label %{other}")
        for label, body in ((then, node.body), (other, node.orelse)):
            self.open(label)
            self.block(body)
            if not self.closed:
                self.close(f"br label %{join}")
        self.open(join)

    def on_while(self, node: ast.While) -> None:
        """Test first."""
        head, body, end = self.labels("while", "body", "end")
        self.close(f"br label %{head}")
        self.open(head)
        self.close(f"br i1 {self.truth(node.test)}, label %{body}, label %{end}")
        self._loop(body, node.body, head, head, end)

    def on_for(self, node: ast.For) -> None:
        """`for x in range(stop)` or `range(start, stop)`; the bounds are read once."""
        assert isinstance(node.iter, ast.Call)
        assert isinstance(node.target, ast.Name)
        bounds = [self.value(a)[1] for a in node.iter.args]
        start, stop = bounds if len(bounds) == 2 else ("0", bounds[0])
        self.store_local(node.target.id, "i64", start)
        head, body, step, end = self.labels("for", "body", "step", "end")
        self.close(f"br label %{head}")
        self.open(head)
        index = self.value(ast.Name(node.target.id))[1]
        go_on = self.register(f"icmp ult i64 {index}, {stop}")
        self.close(f"br i1 {go_on}, label %{body}, label %{end}")
        self._loop(body, node.body, step, step, end, last=False)
        self.open(step)
        index = self.value(ast.Name(node.target.id))[1]
        self.store_local(node.target.id, "i64", self.register(f"add i64 {index}, 1"))
        self.close(f"br label %{head}")
        self.open(end)

    def _loop(
        self,
        label: str,
        body: list[ast.stmt],
        go_on: str,
        after: str,
        end: str,
        *,
        last: bool = True,
    ) -> None:
        self.loops.append((go_on, end))
        self.open(label)
        self.block(body)
        if not self.closed:
            self.close(f"br label %{after}")
        self.loops.pop()
        if last:
            self.open(end)

    def on_continue(self, _: ast.Continue) -> None:
        """Next round of the innermost loop."""
        self.close(f"br label %{self.loops[-1][0]}")

    def on_break(self, _: ast.Break) -> None:
        """Leave the innermost loop."""
        self.close(f"br label %{self.loops[-1][1]}")


def _loaded(target: ast.expr) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.Name(target.id)
    assert isinstance(target, ast.Subscript)
    return ast.Subscript(target.value, target.slice)
