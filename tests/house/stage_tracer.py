"""Run a project's whole lifecycle and write down which of its source files the nodes of each stage ran or opened.

`python stage_tracer.py PROJECT OUT`: JSON, pipeline → namespace → paths below the package. A file counts when one of
its functions or its module's body is entered while a node of the stage loads, runs or saves, and when it is imported or
opened then; so a module that an earlier stage has imported counts all the same. The package's functions are compiled
with a first line that tells of it: all else runs at its own speed.
"""

import ast
import builtins
import json
import sys
from collections import defaultdict
from importlib.machinery import SourceFileLoader
from pathlib import Path

from kedro.framework.hooks import hook_impl


class Telling(ast.NodeTransformer):
    """Lets every function, and the module itself, say its file as it begins."""

    def visit(self, node):
        self.generic_visit(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = 1 if ast.get_docstring(node, clean=False) is not None else 0
            node.body[first:first] = ast.parse("__ran__(__file__)").body
        elif isinstance(node, ast.Module):
            node.body += ast.parse("__ran__(__file__)").body
        return node


def compile_telling(package: str, ran) -> None:
    """Compile the modules of a package so that `ran` hears of every call."""
    plain = SourceFileLoader.get_code

    def get_code(self, name):
        if not self.path.startswith(package):
            return plain(self, name)
        tree = Telling().visit(ast.parse(self.get_data(self.path), self.path))
        return compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True)

    builtins.__ran__ = ran
    SourceFileLoader.get_code = get_code


class Tracer:
    """Notes files by stage; Kedro tells it which node is at work."""

    def __init__(self, package: Path) -> None:
        self._package = f"{package}/"
        self._names = package.name
        self._seen: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._idle: set[str] = set()
        self._now = self._idle
        self._import = builtins.__import__

    def start(self) -> None:
        sys.addaudithook(self._opened)
        builtins.__import__ = self._imported

    def files(self) -> dict[str, dict[str, list[str]]]:
        found: dict[str, dict[str, list[str]]] = defaultdict(dict)
        for (pipeline, namespace), seen in self._seen.items():
            own = sorted(path.removeprefix(self._package) for path in seen if path.startswith(self._package))
            found[pipeline][namespace] = [path for path in own if "__pycache__" not in path]
        return found

    def ran(self, path: str) -> None:
        self._now.add(path)

    def _opened(self, event, arguments):
        # Source that is read, not run, makes no result: `web.ingestion` reads its own to know whether work is done.
        if event == "open" and isinstance(arguments[0], str) and not arguments[0].endswith(".py"):
            self._now.add(arguments[0])

    def _imported(self, name, *rest, **named):
        module = self._import(name, *rest, **named)
        scope, fromlist = (rest[0] if rest else named.get("globals")) or {}, rest[2:3] or (named.get("fromlist"),)
        if self._now is not self._idle and scope.get("__name__", "").startswith(f"{self._names}."):
            taken = [name, *(f"{name}.{each}" for each in fromlist[0] or ())]
            self._now.update(file for each in taken if (file := getattr(sys.modules.get(each), "__file__", None)))
        return module

    def _at_work(self, node) -> None:
        from kedro.framework.project import pipelines

        pipeline = next(name for name, each in pipelines.items() if name != "__default__" and node in each.nodes)
        self._now = self._seen[pipeline, node.namespace or ""]

    @hook_impl(trylast=True)
    def before_dataset_loaded(self, node):
        self._at_work(node)

    @hook_impl(trylast=True)
    def before_node_run(self, node):
        self._at_work(node)

    @hook_impl(trylast=True)
    def before_dataset_saved(self, node):
        self._at_work(node)

    @hook_impl(tryfirst=True)
    def after_dataset_loaded(self):
        self._now = self._idle

    @hook_impl(tryfirst=True)
    def after_node_run(self):
        self._now = self._idle

    @hook_impl(tryfirst=True)
    def after_dataset_saved(self):
        self._now = self._idle


if __name__ == "__main__":
    project, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    package = project / "src/quintain"
    tracer = Tracer(package)
    compile_telling(f"{package}/", tracer.ran)

    from kedro.framework.session import KedroSession
    from kedro.framework.startup import bootstrap_project

    bootstrap_project(project)
    with KedroSession.create(project_path=project) as session:
        session._hook_manager.register(tracer)
        tracer.start()
        session.run()
    out.write_text(json.dumps(tracer.files(), indent=1))
