"""All models of the repository and of this folder, with small constants."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from planespec.checker.lang import Model
from planespec.checker.lang.composing import lacking
from planespec.checker.lang.model import declarations

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("tests/models", "tests/front/zoo", "model")


def files() -> list[Path]:
    """Every file that may hold models."""
    found = [p for folder in FOLDERS for p in sorted((ROOT / folder).rglob("*.py"))]
    return [p for p in found if p.name != "__init__.py"]


def load(path: Path) -> ModuleType:
    """Import a model file; those of `model/` by their package name."""
    relative = path.relative_to(ROOT).with_suffix("")
    if relative.parts[0] == "model":
        return importlib.import_module("planespec." + ".".join(relative.parts))
    name = "front_" + "_".join(relative.parts)
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def models() -> list[tuple[str, type[Model]]]:
    """Every model class, with a name for the test; parts that need others are no models."""
    found = []
    for path in files():
        module = load(path)
        for name, value in vars(module).items():
            own = isinstance(value, type) and value.__module__ == module.__name__
            is_model = own and issubclass(value, Model) and value is not Model
            if is_model and not lacking(declarations(value)):
                found.append((f"{path.stem}.{name}", value))
    return found
