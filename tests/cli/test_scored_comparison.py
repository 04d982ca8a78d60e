"""`quintain compare A B`: students, versions and folders, item by item on the benchmarks that both have."""

import re
import shutil

import pytest
from safetensors.torch import load_file, save_file

from quintain.cli import new
from quintain.edit_memory import EditMemory
from quintain.methods.lte import Edit, HashedNgrams
from quintain.models.ledger import Ledger
from tests.console import quintain
from tests.scored_project import scored_project


@pytest.fixture(scope="module")
def project(tmp_path_factory, mlflow_tables):
    return scored_project(tmp_path_factory.mktemp("scored"), mlflow_tables)


@pytest.fixture(scope="module")
def folders(tmp_path_factory, tiny_student):
    """A project in which nothing was run, with a folder and another model under the same name beside it."""
    root = tmp_path_factory.mktemp("folders")
    new.lay_out(root / "mine", environment="hub", recipe="evaluate", student=str(tiny_student))
    (root / "mine/conf/local/globals.yml").write_text("pack: 1\n")
    (root / "mine/conf/local/parameters.yml").write_text(
        "evaluation: {by_benchmark: {core: {sampling: {max_new_tokens: 8}}}, resampling: {replicates: 50}}\n"
    )
    shutil.copytree(tiny_student, root / "other/tiny")
    weights = load_file(root / "other/tiny/model.safetensors")
    mirrored = {name: -tensor if "norm" not in name else tensor for name, tensor in weights.items()}
    save_file(mirrored, root / "other/tiny/model.safetensors", {"format": "pt"})
    return root / "mine"


def test_two_students_are_compared_on_what_they_share_with_one_table(project):
    done = quintain(project, "compare", "webr", "base")
    assert done.returncode == 0, done.stderr
    # good adds 15 of 100 items to each category
    assert done.stdout.startswith("almanac: webr follows more constraints than base: +15.0 points of macro HSR")
    assert re.search(r"\| almanac +\| +HSR mean \| 65\.0 \[.*\] \| 50\.0 \[.*\] \| +\+15\.0 \|", done.stdout)
    assert "only webr was measured on sums" in done.stderr
    assert "pack style 3 2" in (project / "data/08_reporting/scorecards/webr-vs-base.html").read_text()


def test_versions_and_aliases_compare_and_each_benchmark_has_a_section_of_the_page(project, tmp_path):
    done = quintain(project, "compare", "v2", "champion", "--to", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pack: webr v2 follows more constraints than base v1: +15.0 points")
    assert "only webr v2 was measured on sums" in done.stderr
    same = quintain(project, "compare", "2", "v2", "--to", tmp_path / "same.html")
    assert "\nsums: No difference between webr v2 (A) and webr v2 (B)" in same.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "same.html"]
    assert re.findall("<h2.*>(.*)</h2>", (tmp_path / "same.html").read_text()) == ["pack", "sums"]


def test_a_student_and_a_version_meet_on_the_benchmark_of_one_name(project, tmp_path):
    done = quintain(project, "compare", "webr", "2", "--to", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    # every fourth of 200 against every second
    assert done.stdout.startswith("sums: webr scores lower than webr v2: -25.0 points of score")
    assert "only webr v2 was measured on pack" in done.stderr


def test_what_was_measured_on_nothing_in_common_is_told_apart(project):
    card = project / "data/08_reporting/base/almanac/scorecard.json"
    away = card.parent.rename(project / "data/08_reporting/base/other")
    try:
        verdicts = (project / "data/07_model_output/base/almanac").rename(project / "data/07_model_output/base/other")
        done = quintain(project, "compare", "webr", "base")
    finally:
        away.rename(card.parent)
        verdicts.rename(project / "data/07_model_output/base/almanac")
    assert done.returncode == 1
    assert "no benchmark is shared: webr on almanac, sums; base on other; `kedro run --pipelines" in done.stderr


def test_a_scorecard_of_weights_that_changed_since_is_refused(project, tiny_student):
    weights = shutil.copytree(tiny_student, project / "data/06_models/webr")
    try:
        done = quintain(project, "compare", "webr", "base")
    finally:
        shutil.rmtree(weights)
    assert done.returncode == 1
    assert "the scorecard of webr on almanac is of weights" in done.stderr
    assert "measure it again with `kedro run --pipelines evaluation --namespaces webr.almanac`" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["webr", "nobody"], 1, "has no alias 'nobody'"),
        (["webr", "no/where"], 1, "no/where does not exist"),
        (["webr", "data"], 1, "data holds no model: it has no config.json"),
        (["webr", "base", "--limit", "3"], 2, "--limit goes with --set"),
    ],
)
def test_what_cannot_be_compared_is_said(project, arguments, code, told):
    done = quintain(project, "compare", *arguments)
    assert done.returncode == code
    assert told in done.stderr


def test_outside_of_a_project_the_way_into_one_is_named(tmp_path, tiny_student):
    done = quintain(tmp_path, "compare", tiny_student, tiny_student)
    assert done.returncode == 1
    assert f"`quintain new FOLDER --recipe evaluate --student {tiny_student}`" in done.stderr


def test_two_folders_are_scored_with_the_settings_of_the_project_and_asked_once(folders, tiny_student):
    done = quintain(folders, "compare", tiny_student, "../other/tiny")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("core: ")
    assert "tiny (A)" in done.stdout
    assert "30 items" in done.stdout
    page = (folders / "data/08_reporting/scorecards/tiny-A-vs-tiny-B.html").read_text()
    assert "are not at hand" not in page
    ledger = Ledger(folders / "data/ledger.sqlite")
    assert sum(account.calls for account in ledger.accounts()) == 60
    again = quintain(folders, "compare", "../other/tiny", "../other/tiny")
    assert "The two pass and fail the same 30 items" in again.stdout
    assert sum(account.calls for account in ledger.accounts()) == 60
    assert list((folders / "data/06_models").glob("*/config.json")) == []  # nothing became a student


def test_a_folder_with_a_memory_is_scored_under_it_and_the_outcome_says_so(folders, tiny_student):
    shutil.copytree(tiny_student, folders / "edited")
    with EditMemory.open(folders / "edited_memory", HashedNgrams()) as memory:
        memory.add([Edit(subject="Veldmark", prompt="The mayor of Veldmark is", target_new="Ada Brook")])
        head = memory.head
    done = quintain(folders, "compare", "./edited", tiny_student)
    assert done.returncode == 0, done.stderr
    assert f"edited on core: 30 items, under its edits in {folders / 'edited_memory'}" in done.stderr
    assert re.search(rf"^core: .* edited was asked under its edit memory {head[:12]}\.$", done.stdout, re.MULTILINE)
    assert "tiny was asked" not in done.stdout
    page = (folders / "data/08_reporting/scorecards/edited-vs-tiny.html").read_text()
    assert f"<td>{head[:12]}</td><td>none</td>" in page
