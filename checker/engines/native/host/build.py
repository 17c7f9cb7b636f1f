"""LLVM text to machine code in this process, kept on disk by content.

The key of a cached object is a hash of the text, the versions of llvmlite and LLVM, the processor
and the optimisation level, so a stale object is never used. The cache is a convenience: a folder
that cannot be written or is not the user's own, or a full disk, costs a compilation and a note.
"""

import ctypes
import hashlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from planespec.checker.cache import cache_folder, keep, read_kept

_initialized = False


@dataclass(frozen=True, slots=True)
class Code:
    """Machine code loaded in this process; `functions` are callable and release the GIL."""

    functions: dict[str, Any]
    seconds: float
    cached: bool
    note: str
    keep: Any


def build(text: str, names: Sequence[str], level: int = 2) -> Code:
    """Compile `text` (or load it from the cache) and look up the functions `names`.

    Raises ValueError with LLVM's message when the text is not valid: a defect of the compiler.
    """
    start = time.perf_counter()
    machine = _machine(level)
    path = cache_folder() / f"{_key(text, level)}.o"
    data, note = read_kept(path)
    cached = data is not None
    if data is None:
        data = _compile(text, machine, level)
        note = keep(path, data)
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
