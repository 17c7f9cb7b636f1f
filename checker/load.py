"""Finds the model class a name stands for: a file, a module, or an entry point."""

import importlib
import linecache
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from planespec.checker.errors import ConfigurationError, InputError, PlanespecError, did_you_mean
from planespec.checker.lang.locations import error_position
from planespec.checker.lang.model import Model
from planespec.checker.lang.source import shown_name

GROUP = "planespec.models"
"""Entry point group under which packages offer models."""


def load_model(name: str, own: Callable[[], Mapping[str, str]] = lambda: {}) -> type[Model]:
    """The model class for `path/to/file.py:Class`, `package.module:Class` or an announced name.

    The class may be left out where the file or module has one model. `own` gives targets by names
    that nobody else can take; it is not asked about a file, so that nothing stands in its way.
    Raises InputError for a file that cannot be read or run, ConfigurationError for a name that
    nothing has.
    """
    place, _, class_name = name.rpartition(":") if _has_class(name) else (name, "", "")
    if place.endswith(".py") or os.sep in place:
        return _pick(_import_file(Path(place)), class_name, place)
    if (target := own().get(place)) is not None:
        return _same_class(load_model(target), class_name, place)
    if class_name and place.startswith("planespec."):
        return _pick(_import_module(place, name, ()), class_name, place)
    known = announced()  # behind what is our own, because it takes 60 ms
    if place in known:
        return _same_class(_from_entry_point(place), class_name, place)
    if class_name and os.path.isfile(f"{place}.py"):
        raise ConfigurationError(
            f"there is no model {name!r}; did you mean {place}.py:{class_name}?"
        )
    names = tuple(sorted({*own(), *known}))
    if class_name or "." in place:
        return _pick(_import_module(place, name, names), class_name, place)
    raise ConfigurationError(_unknown_model(name, names))


def announced() -> dict[str, str]:
    """The models that other installed packages offer: target by name, sorted."""
    return dict(sorted((entry.name, entry.value) for entry in _entries()))


def _entries() -> list[Any]:
    # Imported late: a model given as a file is found without it.
    from importlib.metadata import entry_points

    # Our own models are announced nowhere: where they are, an older version left its metadata.
    return [
        entry for entry in entry_points(group=GROUP) if not entry.value.startswith("planespec.")
    ]


def _has_class(name: str) -> bool:
    return ":" in name and not name.endswith(".py")


def _unknown_model(name: str, known: tuple[str, ...]) -> str:
    """The message for a name that nothing has: the nearest known name, or all of them."""
    text = f"there is no model {name!r}"
    if os.path.isfile(f"{name}.py"):
        return f"{text}; did you mean the file {name}.py?"
    if os.path.isdir(name):
        return f"{text}, {name} is a folder; name a file in it"
    if os.path.isfile(name):
        return f"{text}, and the file {name} does not end in .py"
    if suggested := did_you_mean(name, known):
        return f"{text}{suggested} `planespec list` shows all"
    text += f"; known: {', '.join(known)}" if known else ""
    return text + "; or give path/to/file.py:Class"


def _from_entry_point(name: str) -> type[Model]:
    entry = next(e for e in _entries() if e.name == name)
    with _reported(f"the model {name}"):
        found = entry.load()
    if isinstance(found, ModuleType):
        return _pick(found, "", name)
    if not (isinstance(found, type) and issubclass(found, Model)):
        raise ConfigurationError(f"entry point {name} names {entry.value}, which is no model")
    return found


def _import_module(module: str, name: str, names: tuple[str, ...]) -> ModuleType:
    """A module; where there is none, `names` are what a name without a class could have meant."""
    with _reported(f"the module {module}"):
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not (module + ".").startswith(error.name + "."):
                raise
            text = f"there is no model {name!r}; no module {error.name!r} can be imported"
            text = text if _has_class(name) else _unknown_model(name, names)
            raise ConfigurationError(text) from None


def _import_file(path: Path) -> ModuleType:
    source = _read(path)
    unique = "_planespec" + str(path.resolve()).replace(".", "_").replace(os.sep, "_")
    module = ModuleType(unique)
    module.__file__ = str(path)
    module.__spec__ = ModuleSpec(unique, None, origin=str(path))
    if b"\0" in source:
        # Python before 3.11.4 raises ValueError here, later ones SyntaxError.
        raise InputError("syntax error: source code string cannot contain null bytes", file=path)
    with _reported(str(path)), _as_script(path):
        code = _compile(source, path)
        sys.modules[unique] = module
        try:
            exec(code, module.__dict__)
        except BaseException:
            del sys.modules[unique]
            raise
    return module


def _compile(source: bytes, path: Path) -> CodeType:
    try:
        return compile(source, str(path), "exec", dont_inherit=True)
    except (MemoryError, RecursionError):
        # The parser's own stack, not the machine's memory.
        raise InputError("syntax error: it is nested too deeply", file=path) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        near = did_you_mean(path.name, (other.name for other in path.parent.glob("*.py")))
        raise InputError(f"there is no such file{near}", file=path) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from None
    except ValueError:
        raise ConfigurationError(f"{str(path)!r} is no name of a file") from None


@contextmanager
def _as_script(path: Path) -> Iterator[None]:
    """Let a file import what stands beside it, and leave no compiled files there."""
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(path.resolve().parent))
    try:
        yield
    finally:
        sys.path.remove(str(path.resolve().parent))
        sys.dont_write_bytecode = before


@contextmanager
def _reported(what: str) -> Iterator[None]:
    """Turn whatever goes wrong in importing user code into an InputError with its place."""
    try:
        yield
    except (PlanespecError, KeyboardInterrupt):
        raise
    except SyntaxError as error:
        text = (error.text or "").strip() or None
        file = shown_name(error.filename) if error.filename else what
        message = f"syntax error: {error.msg}"
        raise InputError(
            message, file=file, line=error.lineno, column=error.offset, text=text
        ) from None
    except BaseException as error:
        if isinstance(error, MemoryError):
            raise
        raise _import_error(error, what) from None


def _import_error(error: BaseException, what: str) -> InputError:
    message = f"cannot be imported: {type(error).__name__}: {error}"
    at = error_position(error.__traceback__)
    if at is None:
        return InputError(message, file=what)
    text = linecache.getline(at.file, at.line).strip() or None
    return InputError(message, file=shown_name(at.file), line=at.line, column=at.column, text=text)


def _pick(module: ModuleType, class_name: str, place: str) -> type[Model]:
    if class_name:
        return _named(module, class_name, place)
    own = _models_of(module)
    if len(own) == 1:
        return own[0]
    if not own:
        raise InputError("there is no model in it", file=place, allowed="class Name(Model): ...")
    names = ", ".join(cls.__name__ for cls in own)
    raise ConfigurationError(f"{place} has several models: {names}; name one as {place}:<name>")


def _same_class(model: type[Model], class_name: str, place: str) -> type[Model]:
    """The model under a name, with the class that is asked for, if one is."""
    if class_name in ("", model.__name__):
        return model
    raise ConfigurationError(f"{place} is {model.__name__} and has no {class_name}")


def _named(module: ModuleType, class_name: str, place: str) -> type[Model]:
    found = getattr(module, class_name, None)
    if isinstance(found, type) and issubclass(found, Model) and found is not Model:
        return found
    names = _names_in(module)
    what = "is no model" if found is not None else "is not there"
    near = did_you_mean(class_name, names)
    raise ConfigurationError(
        f"{place}: {class_name} {what}; models in it: {', '.join(names) or 'none'}{near}"
    )


def _names_in(module: ModuleType) -> list[str]:
    """What may stand behind the colon: models of the module, those it imports where it has none.

    A model that another one there extends is one as well.
    """
    models = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Model) and value is not Model
    }
    own = [name for name, cls in models.items() if cls.__module__ == module.__name__]
    return own or list(models)


def _models_of(module: ModuleType) -> list[type[Model]]:
    """Models defined in a module, in order, without those that are parts of another one there."""
    own = [
        v
        for v in vars(module).values()
        if isinstance(v, type) and issubclass(v, Model) and v.__module__ == module.__name__
    ]
    return [c for c in dict.fromkeys(own) if not any(c is not d and issubclass(d, c) for d in own)]
