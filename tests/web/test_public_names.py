"""What the issue calls public works alone, in a fresh interpreter."""

import doctest
import importlib
import inspect
import json
import pkgutil
import subprocess
import sys

import pytest

from quintain import web
from quintain.methods import webr

PROBE = """
import json, sys
from quintain.web import main_text, near_duplicates
text = main_text("<html><body><p>" + "Ten ships lay in the harbour. " * 5 + "</p></body></html>")
clusters = near_duplicates(["a b c", "d e f", "a b c"])
print(json.dumps([text[:29], clusters, sorted(sys.modules)]))
"""


def test_main_text_and_near_duplicates_load_no_kedro_mlflow_or_torch():
    process = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    text, clusters, modules = json.loads(process.stdout)
    assert text == "Ten ships lay in the harbour."
    assert clusters == [0, 1, 0]
    assert not {"kedro", "mlflow", "torch", "transformers", "great_expectations", "dvc", "pandas"} & set(modules)


def test_importing_the_package_loads_no_extractor():
    script = "import json, sys, quintain.web; print(json.dumps(sorted(sys.modules)))"
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"trafilatura", "lxml", "rensa", "numpy", "warcio"} & set(json.loads(process.stdout))


def test_every_public_name_exists_and_is_no_module():
    for name in web.__all__:
        assert not inspect.ismodule(getattr(web, name)), name


@pytest.mark.parametrize("package", [web, webr])
def test_the_examples_in_the_docstrings_hold(package):
    names = [
        package.__name__,
        *(f"{package.__name__}.{found.name}" for found in pkgutil.iter_modules(package.__path__)),
    ]
    results = [doctest.testmod(importlib.import_module(name)) for name in names]
    assert sum(result.failed for result in results) == 0
    assert sum(result.attempted for result in results) > 0


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'main_txt'"):
        _ = web.main_txt
