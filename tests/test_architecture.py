"""The shape of the code: what may import what, who changes files, how long things are, what is explained."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "cleaner"
MODULES = sorted(PACKAGE.rglob("*.py"))
TREES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in MODULES
}
PURE = ("text/", "stages/", "dedup/", "vietnamese/", "planting/", "learning/")
LINES_A_MODULE = 330
LINES_A_FUNCTION = 60

# What reaches the world outside: no pure module may import it.
OUTSIDE = {
    "asyncio", "click", "fcntl", "glob", "io", "logging", "multiprocessing", "pathlib", "random", "rich",
    "secrets", "shutil", "signal", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time",
    "datetime",
}  # fmt: skip
# Of `os` and `sys` only what works in memory.
IN_MEMORY = {"os.fsdecode", "os.fsencode", "os.path.commonprefix", "sys.maxsize"}
# Reading files is for io/, and needs no mode; these change them.
CHANGING = {
    "os.rename", "os.replace", "os.unlink", "os.remove", "os.rmdir", "os.mkdir", "os.makedirs",
    "os.removedirs", "os.truncate", "os.ftruncate", "os.link", "os.symlink", "os.chmod", "os.write",
    "os.pwrite", "os.open",
    "shutil.rmtree", "shutil.move", "shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree",
    "np.save", "np.savez", "np.savez_compressed", "tempfile.mkdtemp", "tempfile.mkstemp",
    "tempfile.TemporaryDirectory", "tempfile.NamedTemporaryFile",
}  # fmt: skip
CHANGING_METHODS = {
    "write_text",
    "write_bytes",
    "touch",
    "rename",
    "unlink",
    "mkdir",
    "rmdir",
    "symlink_to",
    "tofile",
}
CHANGES_FILES = {
    "io/publish.py": "the one module that changes what is published",
    "io/lock.py": "the lock has to be there before anything may change",
    "io/decisions.py": "decisions are added to a file of a person, beside what is published",
    "io/log.py": "a log is added to, beside what is published",
    "io/scratch.py": "what passes leave for each other, which nobody publishes and every run may throw away",
    "io/settings_file.py": "config init writes a new file for a person, once, and never over another",
    "io/unpacking.py": "the content of a compressed file, in the scratch folder of a run",
    "io/formats/parquet_restorer.py": "rows of a table wait in a temporary file until all are there",
    "writing.py": "pieces of the patch, in the scratch folder of a shard",
    "io/pattern_cache.py": "compiled patterns, beside the code as Python keeps its own; no start needs them",
    "session.py": "stdin and stdout get a place on disk for the time of one command",
    "job.py": "a dry run has its stage in a temporary folder",
    "api.py": "documents in hand get a place on disk until the result is let go of",
    "engine/spark.py": "tasks wait in the scratch folder of a run until executors read them",
    "audit.py": "the planted corpus has a place on disk for the time of one command",
    "trial.py": "one text gets a place on disk for the time of one command",
    "cli/main.py": "the traceback of a bug goes to a temporary file, for a person to send in",
}
# Files opened for reading need no entry above; neither do descriptors of the terminal.
DESCRIPTORS = {
    "io/inputs.py": "inputs are opened by descriptor, so that links and devices are refused",
}


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the full name of everything imported, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for an attribute of a name, else an empty text."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (value := dotted(node.value)):
        return f"{value}.{node.attr}"
    return ""


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("name", [name for name in TREES if name.startswith(PURE)])
def test_pure_modules_import_nothing_from_outside(name: str) -> None:
    for imported in imports(TREES[name]):
        assert imported.split(".")[0] not in OUTSIDE, f"{name} imports {imported}"
        for package in ("io", "report", "cli", "engine", "job", "session", "pipeline"):
            allowed = package == "engine" and is_within(imported, "cleaner.engine.base")
            assert allowed or not is_within(imported, f"cleaner.{package}"), f"{name} imports {imported}"
        if imported.split(".")[0] in {"os", "sys"}:
            assert imported in {"os", "sys", *IN_MEMORY}, f"{name} imports {imported}"


@pytest.mark.parametrize("name", [name for name in TREES if name.startswith(PURE)])
def test_pure_modules_touch_no_file_clock_or_environment(name: str) -> None:
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Attribute) and (used := dotted(node)).startswith(("os.", "sys.")):
            assert any(is_within(function, used) for function in IN_MEMORY), f"{name} uses {used}"
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            assert called not in {"open", "print", "input"}, f"{name}:{node.lineno} calls {called}"
            assert not called.startswith(("np.random", "np.load", "np.save", "numpy.random")), (
                f"{name} calls {called}"
            )


@pytest.mark.parametrize("name", TREES)
def test_imports_point_inward(name: str) -> None:
    """text knows no stage, stages and dedup not each other, the machinery no command line."""
    forbidden = {
        "text/": ("stages", "dedup", "settings", "engine", "io", "report"),
        "vietnamese/": ("text", "stages", "dedup", "settings", "engine", "io", "report"),
        "stages/": ("dedup", "engine", "io", "report"),
        "dedup/": ("stages", "io", "report"),
        "planting/": ("stages", "dedup", "settings", "engine", "io", "report"),
        "learning/": ("dedup", "engine", "io", "report"),
        "engine/": ("text", "stages", "dedup", "settings", "io", "report"),
        "io/": ("report", "cli"),
        "report/": (),
    }
    for start, packages in forbidden.items():
        if name.startswith(start):
            for imported in imports(TREES[name]):
                for package in (*packages, "cli"):
                    assert not is_within(imported, f"cleaner.{package}"), f"{name} imports {imported}"


COMMANDS = [
    name for name in TREES if name.startswith("cli/") and name not in {"cli/__init__.py", "cli/main.py"}
]
SUBSTANCE = (
    ast.For,
    ast.While,
    ast.With,
    ast.Try,
    ast.Match,
    ast.ClassDef,
    ast.Lambda,
    ast.AugAssign,
    ast.Raise,
)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_only_declares_and_calls(name: str) -> None:
    for node in ast.walk(TREES[name]):
        assert not isinstance(node, SUBSTANCE), f"{name}:{node.lineno} is logic"
    for function in functions(TREES[name]):
        branches = [node for node in ast.walk(function) if isinstance(node, ast.If)]
        assert len(branches) <= 1, f"{name}:{function.lineno} decides too much"
        for branch in branches:
            assert not any(isinstance(node, ast.If) for part in branch.orelse for node in ast.walk(part))
        statements = [node for node in function.body if not isinstance(node, (ast.Import, ast.ImportFrom))]
        assert len(statements) <= 8, f"{name}:{function.lineno} does too much"


def opened_for_writing(call: ast.Call) -> bool:
    """Tell whether `open` or `x.open` is called with a mode that writes, or one that is not plain to see."""
    where = 1 if isinstance(call.func, ast.Name) or dotted(call.func) in {"gzip.open", "io.open"} else 0
    modes = [keyword.value for keyword in call.keywords if keyword.arg == "mode"] + call.args[
        where : where + 1
    ]
    return any(
        not isinstance(mode, ast.Constant) or bool(set(str(mode.value)) & set("wax+")) for mode in modes
    )


def changes_of_files(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = dotted(node.func)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if called == "open" or (method == "open" and called != "os.open"):
            if opened_for_writing(node):
                yield node
        elif called in CHANGING or (method in CHANGING_METHODS and not called.startswith("os.")):
            yield node


@pytest.mark.parametrize("name", [name for name in TREES if name not in CHANGES_FILES])
def test_only_a_few_modules_change_files(name: str) -> None:
    for call in changes_of_files(TREES[name]):
        assert dotted(call.func) == "os.open" and name in DESCRIPTORS, f"{name}:{call.lineno} changes files"


@pytest.mark.parametrize("name", [*CHANGES_FILES, *DESCRIPTORS])
def test_no_exception_outlives_its_reason(name: str) -> None:
    assert list(changes_of_files(TREES[name]))


@pytest.mark.parametrize("name", TREES)
def test_modules_and_functions_can_be_read_in_one_sitting(name: str) -> None:
    lines = (PACKAGE / name).read_text(encoding="utf-8").count("\n")
    assert lines <= LINES_A_MODULE, f"{name} has {lines} lines"
    for function in functions(TREES[name]):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= LINES_A_FUNCTION, f"{name}:{function.lineno} {function.name} has {length} lines"


@pytest.mark.parametrize("name", [name for name, tree in TREES.items() if tree.body])
def test_everything_public_is_explained(name: str) -> None:
    assert ast.get_docstring(TREES[name]), f"{name} has no docstring"
    for node in public(TREES[name]):
        if isinstance(node, ast.ClassDef) and "Model" in map(dotted, node.bases):
            continue  # a section of the settings: each value has a description
        if name == "io/ledger_records.py" and node.name.startswith(("packed", "read_")):
            continue  # pairs of a record and its JSON; docs/ledger.md has the fields
        assert ast.get_docstring(node), f"{name}:{node.lineno} {node.name} has no docstring"


def public(
    tree: ast.Module | ast.ClassDef,
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield public functions and classes, and the public methods of public classes."""
    for node in tree.body:
        if isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        ) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


@pytest.mark.parametrize("name", [name for name, tree in TREES.items() if any(functions(tree))])
def test_annotations_are_postponed_everywhere(name: str) -> None:
    assert "__future__.annotations" in set(imports(TREES[name]))
