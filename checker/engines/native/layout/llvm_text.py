"""A small builder of LLVM text: one function body, with constants folded on the way.

Values are 64-bit integers: a Python int stands for a constant, a string for a register. Conditions
are `bool` or the name of an `i1` register. Temporaries live in the entry block, where LLVM turns
them into registers.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from planespec.checker.engines.native.kernels.kernel_expressions import LOAD_STOP

Operand = int | str
Condition = bool | str

WORD_BITS = 64
MODULUS = 1 << WORD_BITS
SIGN = 1 << (WORD_BITS - 1)


def wrap(number: int) -> int:
    """The number as a signed 64-bit integer."""
    return (number + SIGN) % MODULUS - SIGN


def literal(value: Operand) -> str:
    """Operand as LLVM text."""
    return value if isinstance(value, str) else str(wrap(value))


FOLD: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "shl": lambda a, b: a << b,
    "lshr": lambda a, b: (a % MODULUS) >> b,
}
COMPARE: dict[str, Callable[[int, int], bool]] = {
    "eq": lambda a, b: a % MODULUS == b % MODULUS,
    "ne": lambda a, b: a % MODULUS != b % MODULUS,
    "slt": lambda a, b: wrap(a) < wrap(b),
    "sle": lambda a, b: wrap(a) <= wrap(b),
    "sgt": lambda a, b: wrap(a) > wrap(b),
    "sge": lambda a, b: wrap(a) >= wrap(b),
    "ult": lambda a, b: a % MODULUS < b % MODULUS,
    "ule": lambda a, b: a % MODULUS <= b % MODULUS,
    "ugt": lambda a, b: a % MODULUS > b % MODULUS,
    "uge": lambda a, b: a % MODULUS >= b % MODULUS,
}
KEEPS_ON_ZERO = frozenset({"add", "sub", "or", "xor", "shl", "lshr"})


class Text:
    """The body of one function."""

    def __init__(self, header: str) -> None:
        self.header = header
        self.entry: list[str] = []
        self.lines: list[str] = []
        self._count = 0

    def fresh(self, prefix: str = "r") -> str:
        """A name not used before in this function."""
        self._count += 1
        return f"{prefix}{self._count}"

    def emit(self, line: str) -> None:
        """Append an instruction."""
        self.lines.append("  " + line)

    def define(self, instruction: str) -> str:
        """Append an instruction with a result; returns its register."""
        self._count += 1
        register = f"%r{self._count}"
        self.lines.append(f"  {register} = {instruction}")
        return register

    def binary(self, name: str, a: Operand, b: Operand) -> Operand:
        """Arithmetic on 64 bits, wrapping."""
        if isinstance(b, int) and name in ("shl", "lshr") and not 0 <= b < WORD_BITS:
            return 0  # only after a check that always fails
        if isinstance(a, int) and isinstance(b, int):
            return wrap(FOLD[name](a, b))
        if b == 0 and name in KEEPS_ON_ZERO:
            return a
        if a == 0 and name in ("add", "or", "xor"):
            return b
        return self.define(f"{name} i64 {literal(a)}, {literal(b)}")

    def divide(self, a: Operand, by: int) -> tuple[Operand, Operand]:
        """Quotient and rest of a number without sign."""
        if isinstance(a, int):
            return a // by, a % by
        if by == 1:
            return a, 0
        return self.define(f"udiv i64 {a}, {by}"), self.define(f"urem i64 {a}, {by}")

    def compare(self, name: str, a: Operand, b: Operand) -> Condition:
        """Comparison `name` of LLVM (eq, slt, ult, ...)."""
        if isinstance(a, int) and isinstance(b, int):
            return COMPARE[name](a, b)
        return self.define(f"icmp {name} i64 {literal(a)}, {literal(b)}")

    def both(self, a: Condition, b: Condition) -> Condition:
        """Conjunction of conditions already evaluated."""
        if isinstance(a, bool):
            return b if a else False
        if isinstance(b, bool):
            return a if b else False
        return self.define(f"and i1 {a}, {b}")

    def either(self, a: Condition, b: Condition) -> Condition:
        """Disjunction of conditions already evaluated."""
        if isinstance(a, bool):
            return True if a else b
        if isinstance(b, bool):
            return True if b else a
        return self.define(f"or i1 {a}, {b}")

    def negate(self, a: Condition) -> Condition:
        """Negation of a condition."""
        return (not a) if isinstance(a, bool) else self.define(f"xor i1 {a}, true")

    def number(self, condition: Condition) -> Operand:
        """1 where the condition holds, else 0."""
        if isinstance(condition, bool):
            return int(condition)
        return self.define(f"zext i1 {condition} to i64")

    def select(self, condition: Condition, a: Operand, b: Operand) -> Operand:
        """`a` where the condition holds, else `b`; both are evaluated."""
        if isinstance(condition, bool):
            return a if condition else b
        if a == b:
            return a
        return self.define(f"select i1 {condition}, i64 {literal(a)}, i64 {literal(b)}")

    def slot(self, words: int = 1) -> str:
        """Memory for a temporary, allocated once on entry."""
        register = f"%{self.fresh('m')}"
        kind = "i64" if words == 1 else f"[{words} x i64]"
        self.entry.append(f"  {register} = alloca {kind}, align 8")
        return register

    def load(self, pointer: str) -> str:
        """Load a word."""
        return self.define(f"load i64, ptr {pointer}, align 8")

    def store(self, value: Operand, pointer: str) -> None:
        """Store a word."""
        self.emit(f"store i64 {literal(value)}, ptr {pointer}, align 8")

    def offset(self, pointer: str, words: Operand) -> str:
        """Pointer some words further on."""
        if words == 0:
            return pointer
        return self.define(f"getelementptr inbounds i64, ptr {pointer}, i64 {literal(words)}")

    def copy(self, target: str, source: str, words: int) -> None:
        """Copy words between places that are apart or the same."""
        if target == source:
            return
        if words == 1:
            self.store(self.load(source), target)
        else:
            self.emit(
                f"call void @llvm.memmove.p0.p0.i64(ptr align 8 {target}, ptr align 8 {source}, "
                f"i64 {words * 8}, i1 false)"
            )

    def clear(self, target: str, words: int) -> None:
        """Fill words with zero."""
        self.emit(
            f"call void @llvm.memset.p0.i64(ptr align 8 {target}, i8 0, i64 {words * 8}, i1 false)"
        )

    def begin(self, label: str) -> None:
        """Start a block."""
        self.lines.append(f"{label}:")

    def jump(self, label: str) -> None:
        """End the block by going to `label`."""
        self.emit(f"br label %{label}")

    def branch(self, condition: Condition, yes: str, no: str) -> None:
        """End the block by going to one of two others."""
        if isinstance(condition, bool):
            self.jump(yes if condition else no)
        else:
            self.emit(f"br i1 {condition}, label %{yes}, label %{no}")

    def leave_if(self, condition: Condition, target: str) -> None:
        """Go to `target` where the condition holds, else go on."""
        if condition is False:
            return
        following = self.fresh("b")
        self.branch(condition, target, following)
        self.begin(following)

    def leave_if_stopped(self, target: str) -> None:
        """Go to `target` where the host program has asked all code to end."""
        self.leave_if(self.compare("ne", self.define(LOAD_STOP), 0), target)

    @contextmanager
    def when(self, condition: Condition) -> Iterator[None]:
        """Instructions that run only where the condition holds."""
        inside, after = self.fresh("b"), self.fresh("b")
        self.branch(condition, inside, after)
        self.begin(inside)
        yield
        self.jump(after)
        self.begin(after)

    @contextmanager
    def counting(self, low: Operand, high: Operand) -> Iterator[tuple[str, str, str]]:
        """A loop over `low..high-1`: yields the index and the labels of next round and end."""
        counter = self.slot()
        head, body, following, after = (self.fresh("b") for _ in range(4))
        self.store(low, counter)
        self.jump(head)
        self.begin(head)
        index = self.load(counter)
        self.branch(self.compare("slt", index, high), body, after)
        self.begin(body)
        yield index, following, after
        self.jump(following)
        self.begin(following)
        self.store(self.define(f"add nsw i64 {index}, 1"), counter)
        self.jump(head)
        self.begin(after)

    def finish(self) -> str:
        """The whole function as text."""
        return "\n".join([self.header + " {", "entry:", *self.entry, *self.lines, "}", ""])
