"""The import statements of one module, as uses of other modules and of the names that it takes from them."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

EVERYTHING = "*"
"""In place of a name: any of the names that a module offers."""


_RESOURCES = "importlib.resources"


@dataclass(frozen=True)
class Use:
    """A module that another one imports, and the name that it takes from there."""

    module: str
    """Dotted name."""
    name: str = ""
    """Name taken from it; empty where the module as a whole is imported, EVERYTHING where it is handed on."""
    without: tuple[str, ...] = ()
    """Methods of its classes that are not called."""


@dataclass(frozen=True)
class Imports:
    """Imports of a module, as its source states them."""

    always: tuple[Use, ...]
    """Imported when the module or one of its functions runs."""
    lazy: Mapping[str, Use]
    """Name that a module-level `__getattr__` offers → where it comes from."""
    reads_beside: bool
    """True where it looks for files beside itself."""
    only_words: bool
    """True where it holds a docstring and names such as `__version__` and nothing else."""


def imports_of(path: Path, module: str, without: Collection[str] = ()) -> Imports:
    """Read the imports of a module, those inside functions included and those for type checkers left out.

    Args:
        path: Its file.
        module: Its dotted name, which relative imports start from.
        without: Methods of its classes whose imports are left out too.

    Returns:
        The imports.
    """
    source = path.read_bytes()
    tree = ast.parse(source, filename=str(path))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            node.body = [each for each in node.body if getattr(each, "name", "") not in without]
    parent = module if path.name == "__init__.py" else module.rpartition(".")[0]
    offers = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "__getattr__"]
    run = [node for node in tree.body if node not in offers]
    bound = dict(_bound(run, parent))
    lazy = dict(_bound(tree.body, parent, for_types=True)) if offers else {}
    return Imports(
        always=tuple(dict.fromkeys((*bound.values(), *_expressions(run, bound, parent)))),
        lazy={name: use for name, use in lazy.items() if name not in bound},
        reads_beside=b"__file__" in source or any(_whole(use).startswith(_RESOURCES) for use in bound.values()),
        only_words=all(_is_words(node) for node in tree.body),
    )


def _bound(body: Iterable[ast.AST], parent: str, *, for_types: bool = False) -> Iterator[tuple[str, Use]]:
    """Name that an import statement binds → what it stands for."""
    for statement in _statements(body, for_types=for_types):
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield alias.asname or alias.name, Use(alias.name)
            continue
        above = parent.split(".")[: len(parent.split(".")) - statement.level + 1] if statement.level else []
        source = ".".join((*above, *((statement.module,) if statement.module else ())))
        for alias in statement.names:
            yield alias.asname or alias.name, Use(source, alias.name)


def _statements(body: Iterable[ast.AST], *, for_types: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in body:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from _statements([*(node.body if for_types else []), *node.orelse], for_types=for_types)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, ast.expr):
            yield from _statements(ast.iter_child_nodes(node), for_types=for_types)


def _expressions(body: Iterable[ast.AST], bound: Mapping[str, Use], parent: str) -> Iterator[Use]:
    """Modules and names that expressions take.

    `web.main_text` after `from quintain import web`, `import_module` of a plain name, and `"pointer.py"`, a module
    beside that is handed on as a file.
    """
    owners: set[int] = set()
    for node in (each for statement in body for each in ast.walk(statement)):  # a node comes before those inside of it
        if isinstance(node, ast.Attribute):
            owners.add(id(node.value))
            if (owner := _dotted(node.value)) in bound:
                yield Use(_whole(bound[owner]), node.attr)
        elif isinstance(node, ast.Name):
            if node.id in bound and id(node) not in owners:
                yield Use(_whole(bound[node.id]), EVERYTHING)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str) and node.value.endswith(".py"):
                yield Use(f"{parent}.{node.value.removesuffix('.py')}")
        elif isinstance(node, ast.Call) and _dotted(node.func).rpartition(".")[2] == "import_module":
            for name in node.args[:1]:
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    yield Use(name.value)


def _dotted(node: ast.expr) -> str:
    """`a.b.c` of names and attributes; empty for any other expression."""
    if isinstance(node, ast.Attribute) and (owner := _dotted(node.value)):
        return f"{owner}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _whole(use: Use) -> str:
    return f"{use.module}.{use.name}" if use.name else use.module


def _is_words(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Assign) and all(
        isinstance(target, ast.Name) and target.id.startswith("__") for target in node.targets
    )
