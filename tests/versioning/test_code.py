"""The code that a stage runs is read from the imports of its functions' modules."""

import functools

import pytest

from quintain.versioning.code import Sources, homes_of
from quintain.versioning.imports import Use

MODULES = {
    "__init__": "__version__ = '1'",
    "errors": "class E(Exception): pass",
    "records": "from shop.errors import E",
    "never": "",
    "pipelines/__init__": "",
    "pipelines/make/__init__": "from shop.pipelines.make.pipeline import create_pipeline",
    "pipelines/make/pipeline": "from shop.pipelines.make import nodes, others",
    "pipelines/make/nodes": "",
    "pipelines/make/others": "import shop.never",
    "methods/__init__": '"""Methods."""',
    "methods/webr/__init__": "from shop.methods.webr.ask import ask_author",
    "methods/webr/ask": "from shop.records import Page",
    "methods/webr/unused": "import shop.never",
    "methods/lion": "answers = 1",
    "models/__init__": "",
    "models/oracle": "from shop.methods.lion import answers",
    "models/roles": "def bind():\n    from shop.models import oracle",
    "prompts/__init__": "FOLDER = Path(__file__).parent",
    "templates/__init__": "from importlib import resources",
    "web/__init__": """
if TYPE_CHECKING:
    from shop.web.pages import read as read
    from shop.web.archives import write as write

def __getattr__(name):
    return getattr(importlib.import_module(HOMES[name]), name)
""",
    "web/pages": "import shop.records",
    "web/archives": "",
    "datasets/__init__": "def __getattr__(name):\n    from shop.datasets.pages import Pages\n    return Pages",
    "datasets/pages": """
class Pages:
    def load(self):
        from shop.web import read

    def save(self):
        from shop.web import write
""",
    "pointer": "import shop.records",
    "registration": "POINTER = 'pointer.py'",
}
INITS = {"web": "web/__init__.py", "datasets": "datasets/__init__.py", "webr": "methods/webr/__init__.py"}


@pytest.fixture
def sources(tmp_path):
    def of(**replaced):
        for name, code in (MODULES | replaced).items():
            path = tmp_path / "shop" / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(code)
        (tmp_path / "shop/prompts/webr").mkdir()
        (tmp_path / "shop/prompts/webr/ask.jinja").write_text("?")
        (tmp_path / "shop/prompts/README.md").write_text("About prompts.")
        (tmp_path / "shop/templates/page.html").write_text("<html>")
        return Sources(tmp_path / "shop")

    return of


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ("", set()),
        ("import json, kedro, shopping", set()),
        ("from shop.records import Page", {"records.py"}),
        ("import shop.records as r", {"records.py"}),
        ("from shop import records", {"records.py"}),
        ("from ...records import Page", {"records.py"}),
        ("from . import others", {"pipelines/make/others.py", "never.py"}),
        # Importing a module runs the packages above it; what only its neighbours import does not count.
        ("from shop.methods.webr.ask import ask_author", {INITS["webr"], "methods/webr/ask.py", "records.py"}),
        ("from shop.methods import webr", {INITS["webr"], "methods/webr/ask.py", "records.py"}),
        ("from shop.methods.lion import answers", {"methods/lion.py"}),
        # Although the import hides in a function.
        ("from shop.models.roles import bind", {"models/roles.py", "models/oracle.py", "methods/lion.py"}),
        ("def node():\n    if True:\n        from shop.records import Page", {"records.py"}),
        ("if TYPE_CHECKING:\n    from shop.models import roles\nelse:\n    from shop.models import oracle",
         {"models/oracle.py", "methods/lion.py"}),
        # The wording of an error changes no result.
        ("from shop.errors import E", set()),
        # A name that is offered lazily is the module that it comes from.
        ("from shop.web import read", {INITS["web"], "web/pages.py", "records.py"}),
        ("from shop import web\nweb.write(1)", {INITS["web"], "web/archives.py"}),
        ("import shop.web\nshop.web.write(1)", {INITS["web"], "web/archives.py"}),
        ("from shop import web\nall_of(web)", {INITS["web"], "web/archives.py", "web/pages.py", "records.py"}),
        # Files that are no code come along with the module that looks for them.
        ("from shop.prompts import render", {"prompts/__init__.py", "prompts/webr/ask.jinja"}),
        ("from shop.templates import page", {"templates/__init__.py", "templates/page.html"}),
        # A module that is handed on as a file, or imported by a name in plain sight.
        ("import shop.registration", {"registration.py", "pointer.py", "records.py"}),
        ("importlib.import_module('shop.records')", {"records.py"}),
    ],
)  # fmt: skip
def test_a_module_depends_on_what_it_imports(sources, nodes, expected):
    reached = sources(**{"pipelines/make/nodes": nodes}).behind([Use("shop.pipelines.make.nodes")])
    assert reached - {"pipelines/make/nodes.py"} == expected


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        ((), {"web/pages.py", "records.py", "web/archives.py", INITS["web"]}),
        (("load",), {"web/archives.py", INITS["web"]}),
        (("save",), {"web/pages.py", "records.py", INITS["web"]}),
    ],
)
def test_a_dataset_that_is_only_written_brings_nothing_that_reads(sources, without, expected):
    reached = sources().behind([Use("shop.datasets", "Pages", without)])
    assert reached - {"datasets/__init__.py", "datasets/pages.py"} == expected


def test_modules_that_import_each_other_do_not_loop(sources):
    found = sources(**{"models/oracle": "import shop.models.roles"}).behind([Use("shop.models.roles")])
    assert found == {"models/oracle.py", "models/roles.py"}


def test_a_folder_stands_for_its_files_where_all_of_them_are_there(sources):
    tree = sources()
    whole = {"models/roles.py", "models/oracle.py", "methods/webr/ask.py", "methods/lion.py"}
    # `models/__init__` says nothing, so its being left out leaves the folder whole; `webr/unused` is missing.
    assert tree.folded(whole) == ["methods/lion.py", "methods/webr/ask.py", "models"]


def test_a_folder_whose_notes_are_no_dependency_is_not_whole(sources):
    assert sources().folded({"prompts/__init__.py", "prompts/webr/ask.jinja"}) == [
        "prompts/__init__.py",
        "prompts/webr/ask.jinja",
    ]


def decorated(function):
    @functools.wraps(function)
    def wrapper(*arguments):
        return function(*arguments)

    return wrapper


class Callable:
    def __call__(self):
        return None


@pytest.mark.parametrize(
    ("function", "modules"),
    [
        (functools.reduce, {"_functools"}),
        (functools.singledispatch, {"functools"}),
        (functools.partial(functools.singledispatch, pytest.fail), {"functools", "_pytest.outcomes"}),
        (functools.update_wrapper(functools.partial(functools.singledispatch), int), {"functools"}),
        (decorated(functools.singledispatch), {"functools", __name__}),
        (Callable(), {__name__}),
    ],
)
def test_a_function_is_found_behind_decorators_and_partials(function, modules):
    assert {use.module for use in homes_of(function)} == modules
