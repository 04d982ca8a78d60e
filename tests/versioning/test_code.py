"""The code that a pipeline's results depend on is read from its imports."""

import pytest

from quintain.versioning.code import code_dependencies

MODULES = {
    "__init__": "",
    "errors": "class E(Exception): pass",
    "records": "from shop.errors import E",
    "pipelines/__init__": "",
    "pipelines/make/__init__": "from shop.pipelines.make.pipeline import create_pipeline",
    "pipelines/make/pipeline": "from shop.pipelines.make import nodes",
    "pipelines/make/nodes": "",
    "pipelines/other/__init__": "import shop.never",
    "never": "",
    "methods/__init__": "",
    "methods/webr/__init__": "",
    "methods/webr/ask": "from shop.records import Page",
    "methods/lion/__init__": "",
    "models/__init__": "",
    "models/oracle": "from shop.methods.lion import answers",
    "models/roles": "def bind():\n    from shop.models import oracle",
    "prompts/__init__": "",
    "datasets/__init__": """
if TYPE_CHECKING:
    from shop.datasets.ref import ModelRef
    from shop.datasets.warc import Warc
""",
    "datasets/ref": "import shop.records",
    "datasets/warc": "import shop.never",
}


@pytest.fixture
def reached(tmp_path):
    def of(nodes):
        for name, code in {**MODULES, "pipelines/make/nodes": nodes}.items():
            path = tmp_path / "shop" / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(code)
        (tmp_path / "shop/prompts/webr").mkdir()
        (tmp_path / "shop/prompts/webr/ask.jinja").write_text("?")
        found = code_dependencies(tmp_path / "shop", "make")
        return {path.relative_to(tmp_path / "shop").as_posix() for path in found} - {"pipelines/make"}

    return of


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ("", set()),
        ("import json, kedro, shopping", set()),
        ("from shop.records import Page", {"records.py"}),
        ("import shop.records as r", {"records.py"}),
        ("from shop import records", {"records.py"}),
        # A folder counts as a whole, and what it imports counts too.
        ("from shop.methods.webr.ask import ask_author", {"methods/webr", "records.py"}),
        ("from shop.methods import webr", {"methods/webr", "records.py"}),
        ("from shop.prompts import render", {"prompts"}),
        # roles → oracle (the same folder) → lion, although the import hides in a function
        ("from shop.models.roles import bind", {"models", "methods/lion"}),
        ("def node():\n    if True:\n        from shop.records import Page", {"records.py"}),
        ("if TYPE_CHECKING:\n    from shop.models import Model\nelse:\n    Model = object", set()),
        # The wording of an error changes no result.
        ("from shop.errors import E", set()),
        # One dataset does not tie a pipeline to the systems of all others, offered lazily or not.
        ("from shop.datasets import ModelRef", {"datasets/ref.py", "records.py"}),
        ("from shop.datasets.ref import ModelRef", {"datasets/ref.py", "records.py"}),
        ("from shop.datasets import ref", {"datasets/ref.py", "records.py"}),
        ("from shop.datasets import warc", {"datasets/warc.py", "never.py"}),
        ("from shop import datasets", {"datasets", "records.py", "never.py"}),
    ],
)
def test_a_pipeline_depends_on_what_it_imports(reached, nodes, expected):
    assert reached(nodes) == expected


def test_the_pipeline_itself_comes_along(tmp_path, reached):
    reached("")
    assert tmp_path / "shop/pipelines/make" in code_dependencies(tmp_path / "shop", "make")


def test_pipelines_that_import_each_other_do_not_loop(tmp_path, reached):
    reached("import shop.pipelines.other")
    (tmp_path / "shop/pipelines/other/__init__.py").write_text("import shop.pipelines.make")
    names = [path.name for path in code_dependencies(tmp_path / "shop", "make")]
    assert names == ["make", "other"]
