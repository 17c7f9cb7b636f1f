"""LLVM text to machine code in this process, and what one state leads to by it.

The key of a cached object is a hash of the text, the versions of llvmlite and LLVM, the processor
and the optimisation level, so a stale object is never used. The cache is a convenience: a folder
that cannot be written or is not the user's own, or a full disk, costs a compilation and a note.
"""

import ctypes
import hashlib
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from planespec.checker.cache import cache_folder, keep, read_kept
from planespec.checker.engines.native.codegen.lower import lower
from planespec.checker.engines.native.kernels.kernel_expressions import DEFINE_STOP
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.ir.system import Property, System

LEVEL = 2
"""How far LLVM optimises what is to run for long."""
SOON = 0
"""How far it optimises what is to run soon: code some times slower, in a fourth of the time."""
PATIENCE = 0.5
"""Seconds of running such code after which it is worth while to optimise it; 0 for at once."""

_initialized = False


@dataclass(frozen=True, slots=True)
class Code:
    """Machine code loaded in this process; `functions` are callable and release the GIL."""

    functions: dict[str, Any]
    seconds: float
    cached: bool
    note: str
    keep: Any
    optimise: "Callable[[], Code] | None" = None
    """Makes the same functions, optimised; None where these are."""


def build_soon(text: str, names: Sequence[str], expected: float = 0.0) -> Code:
    """Compile `text` in little time, unless its optimised code is in the cache, or soon pays.

    It pays where the code is expected to run for more seconds than PATIENCE. Raises as `build`
    does.
    """
    kept = read_kept(_path(text, LEVEL))
    is_long = expected > PATIENCE or not PATIENCE
    if LEVEL == SOON or is_long or kept[0] is not None:
        return _build(text, names, LEVEL, *kept)
    return replace(build(text, names, SOON), optimise=partial(build, text, names))


def build(text: str, names: Sequence[str], level: int | None = None) -> Code:
    """Compile `text` (or load it from the cache) and look up the functions `names`.

    The level is LEVEL where none is given. Raises ValueError with LLVM's message when the text is
    not valid: a defect of the compiler.
    """
    level = LEVEL if level is None else level
    return _build(text, names, level, *read_kept(_path(text, level)))


def _build(text: str, names: Sequence[str], level: int, data: bytes | None, note: str) -> Code:
    """Load what is in the cache, or compile it where that is nothing."""
    start = time.perf_counter()
    machine = _machine(level)
    cached = data is not None
    if data is None:
        data = _compile(text, machine, level)
        note = keep(_path(text, level), data)
    engine = _load(data, machine)
    functions = {name: _function(engine, name) for name in names}
    return Code(functions, time.perf_counter() - start, cached, note, engine)


def _machine(level: int) -> Any:
    global _initialized
    if not _initialized:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        _initialized = True
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=level,
        jit=True,
    )


def _path(text: str, level: int) -> Path:
    return cache_folder() / f"{_key(text, level)}.o"


def _key(text: str, level: int) -> str:
    versions = (llvmlite.__version__, str(llvm.llvm_version_info), llvm.get_host_cpu_name())
    features = llvm.get_host_cpu_features().flatten()
    parts = [text, *versions, features, str(level), sys.platform]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _compile(text: str, machine: Any, level: int) -> bytes:
    try:
        module = llvm.parse_assembly(text)
        module.verify()
    except RuntimeError as error:
        raise ValueError(f"generated LLVM text is not valid: {error}") from error
    module.triple = llvm.get_default_triple()
    module.data_layout = str(machine.target_data)
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return bytes(machine.emit_object(module))


def _load(data: bytes, machine: Any) -> Any:
    empty = llvm.parse_assembly("")
    engine = llvm.create_mcjit_compiler(empty, machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(data))
    engine.finalize_object()
    return engine


def _function(engine: Any, name: str) -> Any:
    address = engine.get_function_address(name)
    if address == 0:
        raise ValueError(f"compiled module has no function {name}")
    result = ctypes.c_uint64
    function = ctypes.CFUNCTYPE(result, ctypes.c_void_p, ctypes.c_void_p)(address)
    # Work that is left behind may still run it when nobody else needs the engine any more.
    function.engine = engine  # type: ignore[attr-defined]
    return function


# A model's native functions without a search: what one state leads to, in order.
#
# For tests and for looking into generated code; a search uses the kernel instead.


ROOM = 1 << 14
FAILED = (1 << 64) - 1
HEADER = 2

KERNEL = """
define internal ptr @kernel_slot(ptr %ctx) {{
  %n = load i64, ptr %ctx
  %k = mul i64 %n, {record}
  %w = add i64 %k, {first}
  %p = getelementptr i64, ptr %ctx, i64 %w
  ret ptr %p
}}
define internal void @kernel_put(ptr %ctx, i64 %action) {{
  %n = load i64, ptr %ctx
  %full = icmp uge i64 %n, {room}
  br i1 %full, label %out, label %put
put:
  %k = mul i64 %n, {record}
  %w = add i64 %k, {header}
  %p = getelementptr i64, ptr %ctx, i64 %w
  store i64 %action, ptr %p
  %m = add i64 %n, 1
  store i64 %m, ptr %ctx
  br label %out
out:
  ret void
}}
define internal void @kernel_emit(ptr %ctx, i64 %action) {{
  call void @kernel_put(ptr %ctx, i64 %action)
  ret void
}}
define internal void @kernel_fail(ptr %ctx) {{
  call void @kernel_put(ptr %ctx, i64 -1)
  ret void
}}
define internal void @kernel_broken(ptr %ctx) {{
  %p = getelementptr i64, ptr %ctx, i64 1
  store i64 1, ptr %p
  ret void
}}
define i64 @probe_expand(ptr %ctx, ptr %state) {{
  call void @model_expand(ptr %ctx, ptr %state)
  ret i64 0
}}
define i64 @probe_initial(ptr %ctx, ptr %state) {{
  call void @model_initial(ptr %ctx, ptr %state)
  ret i64 0
}}
define i64 @probe_judge(ptr %ctx, ptr %state) {{
  %bits = call i64 @model_judge(ptr %state)
  ret i64 %bits
}}
define i64 @probe_terminal(ptr %ctx, ptr %state) {{
  %bit = call i64 @model_terminal(ptr %state)
  ret i64 %bit
}}
define i64 @probe_reach(ptr %ctx, ptr %state) {{
  %bits = call i64 @model_reach(ptr %state, i64 -1)
  ret i64 %bits
}}
"""
CANON = """
define i64 @probe_canon(ptr %ctx, ptr %state) {
  %hard = call i64 @model_canon(ptr %state)
  ret i64 %hard
}
"""


@dataclass(frozen=True, slots=True)
class Successor:
    """An enabled instance: its action, and the state it leads to or None for a model error."""

    action: int
    state: tuple[Any, ...] | None


class Probe:
    """The compiled functions of one system; `seconds` is what compiling took."""

    def __init__(
        self,
        system: System,
        requirements: Sequence[Property] = (),
        symmetry: bool = False,
        level: int | None = None,
    ) -> None:
        self.layout = Layout(system)
        self.text = lower(system, self.layout, requirements, symmetry)
        self._record = self.layout.words + 1
        kernel = DEFINE_STOP + KERNEL.format(
            record=self._record, header=HEADER, first=HEADER + 1, room=ROOM
        )
        names = [f"probe_{name}" for name in ("expand", "initial", "judge", "terminal", "reach")]
        names += ["probe_canon"] if symmetry else []
        code = build(kernel + (CANON if symmetry else "") + self.text, names, level)
        self.seconds = code.seconds
        self._code = code
        self._room = (ctypes.c_uint64 * (HEADER + (ROOM + 1) * self._record))()

    def _run(self, name: str, words: Sequence[int]) -> tuple[int, list[int]]:
        memory = (ctypes.c_uint64 * self.layout.words)(*words)
        self._room[0] = self._room[1] = 0
        result = self._code.functions[name](ctypes.addressof(self._room), ctypes.addressof(memory))
        return int(result), list(memory)

    def _found(self) -> list[Successor]:
        found = []
        for k in range(self._room[0]):
            start = HEADER + k * self._record
            action, *words = self._room[start : start + self._record]
            state = None if action == FAILED else self.layout.decode(words)
            found.append(Successor(0 if state is None else action, state))
        return found

    def successors(self, state: tuple[Any, ...]) -> list[Successor]:
        """Enabled instances from a state, in canonical order."""
        self._run("probe_expand", self.layout.encode(state))
        return self._found()

    def initial(self) -> list[Successor]:
        """Initial states, in canonical order."""
        self._run("probe_initial", [0] * self.layout.words)
        return self._found()

    @property
    def broken(self) -> bool:
        """Whether a step of the last expansion broke a requirement."""
        return bool(self._room[1])

    def judge(self, state: tuple[Any, ...]) -> int:
        """Bits of `model_judge`."""
        return self._run("probe_judge", self.layout.encode(state))[0]

    def terminal(self, state: tuple[Any, ...]) -> int:
        """Answer of `model_terminal`."""
        return self._run("probe_terminal", self.layout.encode(state))[0]

    def reach(self, state: tuple[Any, ...]) -> int:
        """Bits of `model_reach` with every property pending."""
        return self._run("probe_reach", self.layout.encode(state))[0]

    def representative(self, state: tuple[Any, ...]) -> tuple[Any, ...]:
        """The state that stands for the orbit of a state under symmetry."""
        return self.layout.decode(self._run("probe_canon", self.layout.encode(state))[1])
