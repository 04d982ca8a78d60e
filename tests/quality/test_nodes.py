"""Check and gate as nodes of a pipeline, with the catalog of the project."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from kedro.config import OmegaConfigLoader
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner, ThreadRunner

from quintain.errors import QualityError
from quintain.quality import checked
from quintain.records import WebPage

ROOT = Path(__file__).parents[2]
GOOD = [WebPage(url="a", text="One ship."), WebPage(url="b", text="Two ships.")]
BAD = [*GOOD, WebPage(id="bad1", url="c", text="")]


@pytest.fixture
def catalog(tmp_path, monkeypatch):
    """The project's factories for suites and reports, with one suite."""
    monkeypatch.chdir(tmp_path)
    loader = OmegaConfigLoader(conf_source=str(ROOT / "conf"), base_env="base", default_run_env="base")
    config = {name: entry for name, entry in loader["catalog"].items() if name.endswith(("_suite", "_report"))}
    suites = tmp_path / "conf/base/expectations"
    suites.mkdir(parents=True)
    texts = {"type": "expect_column_value_lengths_to_be_between", "kwargs": {"column": "text", "min_value": 1}}
    (suites / "pages.yml").write_text(yaml.safe_dump({"expectations": [texts]}))
    return DataCatalog.from_config(config)


def pages_pipeline(pages, namespace=None):
    read = node(lambda: pages, inputs=None, outputs="pages_candidate", name="read")
    count = node(len, inputs="pages", outputs="n_pages", name="count")
    return Pipeline([read, *checked("pages"), count], namespace=namespace)


@pytest.mark.parametrize("runner", [SequentialRunner(), ThreadRunner(max_workers=2)], ids=["sequential", "threads"])
def test_good_data_passes_and_leaves_a_report(catalog, runner):
    outputs = runner.run(pages_pipeline(GOOD), catalog)
    assert outputs["n_pages"].load() == 2
    report = json.loads(Path("data/08_reporting/expectations/pages.json").read_text())
    assert (report["passed"], report["n_records"]) == (True, 2)


def test_a_student_shares_the_suite_and_has_a_report_of_its_own(catalog):
    outputs = SequentialRunner().run(pages_pipeline(GOOD, namespace="webr"), catalog)
    assert outputs["webr.n_pages"].load() == 2
    assert json.loads(Path("data/08_reporting/expectations/webr/pages.json").read_text())["passed"]


@pytest.mark.parametrize(("namespace", "report"), [(None, "pages.json"), ("webr", "webr/pages.json")])
def test_bad_data_stops_the_run_and_the_report_stays(catalog, namespace, report):
    with pytest.raises(
        QualityError,
        match=r"dataset pages \(3 records\) fails 1 of 1 expectations of its suite conf/base/expectations/pages\.yml:\n"
        r"  - text: expect_column_value_lengths_to_be_between\(min_value=1\), 1 of 3 records \(33\.3%\), "
        r"for example text='' \(id bad1\)\n"
        r"The whole report is the dataset pages_report",
    ):
        SequentialRunner().run(pages_pipeline(BAD, namespace), catalog)
    kept = json.loads(Path("data/08_reporting/expectations", report).read_text())
    assert kept["expectations"][0]["examples"] == [{"text": "", "id": "bad1"}]


def test_nobody_downstream_can_go_around_the_gate():
    check, gate = checked("pages")
    assert check.outputs == ["pages_report"]
    assert gate.inputs == ["pages_candidate", "pages_report"]
    assert gate.outputs == ["pages"]


def test_a_graph_shows_both_nodes_under_the_names_of_their_functions():
    check, gate = checked("pages")
    assert (check.name, check.func.__name__, check.tags) == ("check_pages", "check", {"quality"})
    assert (gate.name, gate.func.__name__, gate.tags) == ("gate_pages", "gate", {"quality"})


def test_wiring_the_nodes_does_not_import_great_expectations():
    probe = (
        "import sys; from quintain.quality import checked; checked('pages'); print('great_expectations' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_missing_suite_is_a_missing_file_not_a_failure_of_the_data(catalog):
    shutil.rmtree("conf")
    with pytest.raises(Exception, match=r"conf/base/expectations/pages\.yml"):
        SequentialRunner().run(pages_pipeline(GOOD), catalog)
    assert not Path("data/08_reporting/expectations/pages.json").exists()
