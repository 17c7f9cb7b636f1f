"""Expressions of the kernel dialect, and the LLVM text they become."""

import ast
from dataclasses import dataclass

BINARY = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.FloorDiv: "udiv",
    ast.Mod: "urem",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "shl",
    ast.RShift: "lshr",
}
COMPARE = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "ult",
    ast.LtE: "ule",
    ast.Gt: "ugt",
    ast.GtE: "uge",
}
MASK64 = (1 << 64) - 1
STOP = "@planespec_stop"
"""The stop word of a module: not zero tells all its code to leave."""
DEFINE_STOP = f"{STOP} = internal global i64 0, align 8\n"
LOAD_STOP = f"load atomic i64, ptr {STOP} monotonic, align 8"


@dataclass(frozen=True, slots=True)
class Signature:
    """LLVM types of the parameters and the result, and whether calls are inlined."""

    parameters: tuple[str, ...]
    result: str
    inline: bool = False


class FunctionText:
    """Builds the body of one function: registers, blocks, locals in stack slots."""

    def __init__(self, signatures: dict[str, Signature], constants: dict[str, int]) -> None:
        self.signatures = signatures
        self.constants = constants
        self.allocas: list[str] = []
        self.lines: list[str] = []
        self.locals: dict[str, str] = {}
        self.counter = 0
        self.closed = False

    def line(self, text: str) -> None:
        """Add one instruction."""
        self.lines.append(f"  {text}")

    def close(self, terminator: str) -> None:
        """End the block."""
        self.line(terminator)
        self.closed = True

    def open(self, label: str) -> None:
        """Begin a block."""
        self.lines.append(f"{label}:")
        self.closed = False

    def labels(self, *names: str) -> list[str]:
        """Fresh labels."""
        self.counter += 1
        return [f"{name}{self.counter}" for name in names]

    def register(self, instruction: str) -> str:
        """Name the result of an instruction."""
        self.counter += 1
        self.line(f"%r{self.counter} = {instruction}")
        return f"%r{self.counter}"

    def store_local(self, name: str, type_: str, value: str) -> None:
        """Give a local a value; the first store fixes its type."""
        if name not in self.locals:
            self.locals[name] = type_
            self.allocas.append(f"  %{name}.slot = alloca {type_}")
        assert self.locals[name] == type_, f"{name} is {self.locals[name]}, not {type_}"
        self.line(f"store {type_} {value}, ptr %{name}.slot")

    def value(self, node: ast.expr) -> tuple[str, str]:
        """Emit an expression; returns its LLVM type and its register or literal."""
        match node:
            case ast.Constant(value=int(number)):
                return "i64", str(_signed(number))
            case ast.Name(id=name) if name in self.locals:
                type_ = self.locals[name]
                return type_, self.register(f"load {type_}, ptr %{name}.slot")
            case ast.Name(id=name):
                return "i64", str(_signed(self.constants[name]))
            case ast.Attribute(ast.Name(id=block), attr=name):
                return "i64", str(self.constants[f"{block}.{name}"])
            case ast.BinOp(left, op, right):
                operation = BINARY[type(op)]
                operands = f"{self.value(left)[1]}, {self.value(right)[1]}"
                return "i64", self.register(f"{operation} i64 {operands}")
            case ast.UnaryOp(ast.Invert(), operand):
                return "i64", self.register(f"xor i64 {self.value(operand)[1]}, -1")
            case ast.Subscript():
                return "i64", self.register(f"load i64, ptr {self.address(node)}")
            case ast.Call(ast.Name(id=name), args):
                return self.call(name, args)
        return "i64", self.register(f"zext i1 {self.truth(node)} to i64")

    def address(self, node: ast.Subscript) -> str:
        """Pointer to `p[i]`."""
        pointer = self.value(node.value)[1]
        index = self.value(node.slice)[1]
        return self.place(pointer, index)

    def place(self, pointer: str, index: str, kind: str = "i64") -> str:
        """Pointer to the word, or to what is of another kind, at an index."""
        return self.register(f"getelementptr {kind}, ptr {pointer}, i64 {index}")

    def known(self, node: ast.expr) -> bool | None:
        """The truth of a compile-time constant; None for anything else."""
        if isinstance(node, ast.Name) and node.id in self.constants:
            return self.constants[node.id] != 0
        return None

    def truth(self, node: ast.expr) -> str:
        """Emit a condition; returns an i1."""
        match node:
            case ast.Compare(left, [op], [right]):
                operands = f"{self.value(left)[1]}, {self.value(right)[1]}"
                return self.register(f"icmp {COMPARE[type(op)]} i64 {operands}")
            case ast.UnaryOp(ast.Not(), operand):
                return self.register(f"xor i1 {self.truth(operand)}, true")
            case ast.BoolOp(op, values):
                return self._short_circuit(isinstance(op, ast.And), values)
            case ast.Constant(value=bool(known)):
                return "true" if known else "false"
        return self.register(f"icmp ne i64 {self.value(node)[1]}, 0")

    def _short_circuit(self, conjunction: bool, values: list[ast.expr]) -> str:
        self.counter += 1
        slot = f"%truth{self.counter}.slot"
        self.allocas.append(f"  {slot} = alloca i1")
        (end,) = self.labels("decided")
        for operand in values:
            condition = self.truth(operand)
            self.line(f"store i1 {condition}, ptr {slot}")
            (more,) = self.labels("more")
            targets = (more, end) if conjunction else (end, more)
            self.close(f"br i1 {condition}, label %{targets[0]}, label %{targets[1]}")
            self.open(more)
        self.close(f"br label %{end}")
        self.open(end)
        return self.register(f"load i1, ptr {slot}")

    def call(self, name: str, args: list[ast.expr]) -> tuple[str, str]:
        """An intrinsic, another kernel or a function of the model."""
        values = [self.value(a) for a in args]
        intrinsic = getattr(self, f"intrinsic_{name}", None)
        if intrinsic is not None:
            result: tuple[str, str] = intrinsic(*[v for _, v in values])
            return result
        signature = self.signatures[name]
        types = tuple(t for t, _ in values)
        assert types == signature.parameters, f"{name}{types} wants {signature.parameters}"
        text = f"call {signature.result} @{name}({', '.join(f'{t} {v}' for t, v in values)})"
        if signature.result == "void":
            self.line(text)
            return "void", ""
        return signature.result, self.register(text)

    def intrinsic_words(self, address: str) -> tuple[str, str]:
        """A number as a pointer."""
        return "ptr", self.register(f"inttoptr i64 {address} to ptr")

    def intrinsic_address(self, pointer: str) -> tuple[str, str]:
        """A pointer as a number."""
        return "i64", self.register(f"ptrtoint ptr {pointer} to i64")

    def intrinsic_at(self, pointer: str, index: str) -> tuple[str, str]:
        """Pointer to `p[i]`."""
        return "ptr", self.place(pointer, index)

    def intrinsic_high_product(self, a: str, b: str) -> tuple[str, str]:
        """Upper half of the 128-bit product."""
        wide = [self.register(f"zext i64 {x} to i128") for x in (a, b)]
        product = self.register(f"mul i128 {wide[0]}, {wide[1]}")
        high = self.register(f"lshr i128 {product}, 64")
        return "i64", self.register(f"trunc i128 {high} to i64")

    def intrinsic_prefetch(self, pointer: str, index: str) -> tuple[str, str]:
        """Ask for the cache line of `p[i]`."""
        place = self.place(pointer, index)
        self.line(f"call void @llvm.prefetch.p0(ptr {place}, i32 0, i32 3, i32 1)")
        return "void", ""

    def intrinsic_read_shared(self, pointer: str, index: str) -> tuple[str, str]:
        """Load a word that another thread may be writing."""
        place = self.place(pointer, index)
        return "i64", self.register(f"load atomic i64, ptr {place} acquire, align 8")

    def intrinsic_fetch_add(self, pointer: str, index: str, amount: str) -> tuple[str, str]:
        """Add atomically; returns the value before."""
        place = self.place(pointer, index)
        text = f"atomicrmw add ptr {place}, i64 {amount} monotonic"
        return "i64", self.register(text)

    def intrinsic_fetch_or(self, pointer: str, index: str, bits: str) -> tuple[str, str]:
        """Set bits atomically; returns the value before."""
        place = self.place(pointer, index)
        return "i64", self.register(f"atomicrmw or ptr {place}, i64 {bits} monotonic")

    def intrinsic_swap_if(self, pointer: str, index: str, old: str, new: str) -> tuple[str, str]:
        """Compare and swap; returns the value that was there."""
        place = self.place(pointer, index)
        pair = self.register(f"cmpxchg ptr {place}, i64 {old}, i64 {new} acq_rel acquire")
        return "i64", self.register(f"extractvalue {{ i64, i1 }} {pair}, 0")

    def intrinsic_stopped(self) -> tuple[str, str]:
        """Load the stop word."""
        return "i64", self.register(LOAD_STOP)

    def intrinsic_stop_all(self) -> tuple[str, str]:
        """Set the stop word."""
        self.line(f"store atomic i64 1, ptr {STOP} release, align 8")
        return "void", ""

    def intrinsic_stop_word(self) -> tuple[str, str]:
        """Pointer to the stop word."""
        return "ptr", STOP

    def intrinsic_store_short(self, pointer: str, index: str, value: str) -> tuple[str, str]:
        """Store the low 16 bits."""
        place = self.place(pointer, index, "i16")
        short = self.register(f"trunc i64 {value} to i16")
        self.line(f"store i16 {short}, ptr {place}")
        return "void", ""

    def intrinsic_lower_short(self, pointer: str, index: str, value: str) -> tuple[str, str]:
        """Atomic minimum of two bytes."""
        place = self.place(pointer, index, "i16")
        short = self.register(f"trunc i64 {value} to i16")
        self.register(f"atomicrmw umin ptr {place}, i16 {short} monotonic")
        return "void", ""

    def intrinsic_lower_shared(self, pointer: str, index: str, value: str) -> tuple[str, str]:
        """Atomic minimum of a word."""
        place = self.place(pointer, index)
        self.register(f"atomicrmw umin ptr {place}, i64 {value} acq_rel")
        return "void", ""

    def intrinsic_call_back(self, function: str, argument: str) -> tuple[str, str]:
        """Call a function of the host program through its address."""
        pointer = self.register(f"inttoptr i64 {function} to ptr")
        self.line(f"call void {pointer}(ptr {argument})")
        return "void", ""


def _signed(number: int) -> int:
    number &= MASK64
    return number - (1 << 64) if number >> 63 else number
