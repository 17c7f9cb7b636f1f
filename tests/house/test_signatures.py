"""What passes between the folders of reports has a type; a dictionary of anything is none."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import house

ROOT = house.ROOT / "reports"
PREFIX = "planespec.reports."
LOOSE = {f"{kind}[str, {value}]" for kind in ("dict", "Mapping") for value in ("Any", "object")}
"""What says nothing but that there are keys."""
CONSTANTS = {
    *("cli.options.parse_constants", "input.catalogue.instance_named", "pages.gather.gather"),
    *("text.wording.constants_as_json", "text.wording.constants_as_texts"),
    "text.wording.readable_constants",
}
"""Constants by name: their types are those that a model gives them."""
RECORDED = {
    *("input.lines.parse_line", "input.lines.read_records"),
    "judge.raft.traces.raft_trace.judge_trace",
}
"""Objects of a user's file: `View` reads them, whose messages name file, line and field."""
WIRE = {
    *("live.etcd.client.Gateway.call", "live.etcd.client.Gateway.require"),
    *("live.etcd.client.read_answer", "live.etcd.client.write_body"),
    "live.etcd.client.write_request",
}
"""Bodies of etcd's JSON gateway, which leaves out what is at its default."""
WRITTEN = {
    "formats.sarif_log.sarif_log",
    "judge.runner.Explanation.data",
}
"""Documents that are written where they arrive, and that nobody looks into."""
NAMED = CONSTANTS | RECORDED | WIRE | WRITTEN
"""Where it stands all the same; this only ever becomes shorter."""
FOLDERS = ("audit.reading.", "fit.", "judge.control_plane.", "judge.versions.")
"""Folders that hand on the objects of a user's files as they were read."""


class Modules:
    """The modules of reports, the names in each for a dictionary of anything, who is imported."""

    def __init__(self) -> None:
        files = house.python_files("reports")
        self.trees = {name_of(path): ast.parse(path.read_text("utf-8")) for path in files}
        self.loose = {name: set(aliases(tree)) for name, tree in self.trees.items()}
        self.imported: dict[str, set[str]] = defaultdict(set)
        for name, tree in self.trees.items():
            self._follow(name, tree)

    def _follow(self, name: str, tree: ast.Module) -> None:
        """Which folders import a module, and which names for such a dictionary came with it.

        A module that is named in a text, as formats and commands are, is imported by that.
        """
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value in self.trees:
                self.imported[str(node.value)].add(folder_of(name))
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith(PREFIX):
                continue
            source = str(node.module).removeprefix(PREFIX)
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                self.imported[whole if whole in self.trees else source].add(folder_of(name))
                if alias.name in self.loose.get(source, ()):
                    self.loose[name].add(alias.asname or alias.name)

    def bypasses(self) -> Iterator[str]:
        """Every public signature and field with such a dictionary that other folders can see."""
        for name, tree in self.trees.items():
            if self.imported[name] - {folder_of(name)}:
                for where, annotation in annotations(tree.body):
                    if is_loose(annotation, self.loose[name]):
                        yield f"{name}.{where}"


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def folder_of(name: str) -> str:
    return name.rpartition(".")[0]


def is_loose(annotation: ast.expr, known: set[str]) -> bool:
    return any(ast.unparse(node) in LOOSE | known for node in ast.walk(annotation))


def aliases(tree: ast.Module) -> Iterator[str]:
    """Names that a module gives to a dictionary of anything."""
    known: set[str] = set()
    for node in tree.body:
        is_type = isinstance(node, ast.Assign) and isinstance(
            node.value, ast.Subscript | ast.BinOp
        )
        if isinstance(node, ast.Assign) and is_type and is_loose(node.value, known):
            known |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    yield from known


def annotations(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """What the public functions, methods and fields of a module or class are said to be."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from ((f"{node.name}.{where}", a) for where, a in annotations(node.body))
        elif isinstance(node, ast.AnnAssign) and not ast.unparse(node.target).startswith("_"):
            yield ast.unparse(node.target), node.annotation
        elif isinstance(node, ast.FunctionDef) and (
            not node.name.startswith("_") or node.name == "__init__"
        ):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            given = [each.annotation for each in (*arguments, node.args.vararg) if each]
            yield from ((node.name, a) for a in (*given, node.returns) if a is not None)


def test_no_dictionary_of_anything_passes_between_the_folders_of_reports() -> None:
    found = {where for where in Modules().bypasses() if not where.startswith(FOLDERS)}
    assert found - NAMED == set(), "give it a record, a dataclass or a TypedDict"
    assert NAMED - found == set(), "it is gone: take it off the list"


def test_a_dictionary_of_anything_is_seen_under_any_name_and_wherever_it_stands() -> None:
    source = """
Loose = dict[str, Any]
Document = list[Loose]
class Answer:
    body: "int"
    pairs: Document
    def told(self, *more: Mapping[str, object]) -> int: ...
    def _hidden(self) -> Loose: ...
def given(first: int, /, *, other: tuple[Loose, ...]) -> str: ...
def counts() -> dict[str, int]: ...
"""
    tree = ast.parse(source)
    known = set(aliases(tree))
    assert known == {"Loose", "Document"}
    found = [where for where, said in annotations(tree.body) if is_loose(said, known)]
    assert found == ["Answer.pairs", "Answer.told", "given"]
