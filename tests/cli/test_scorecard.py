"""`quintain scorecard`: any two models that were measured alike, by whatever name the user knows them."""

import dataclasses
import json
import re

import pytest

from quintain.cli import scorecard_sides
from tests.console import quintain
from tests.registry.conftest_registry import SAMPLING, good, half, items, judged, scorecard
from tests.scored_project import PACK, scored_project, write_lines, write_side


@pytest.fixture(scope="module")
def project(tmp_path_factory, mlflow_tables):
    return scored_project(tmp_path_factory.mktemp("project"), mlflow_tables)


def test_two_students_give_a_paired_table_and_a_page_with_the_instructions(project):
    done = quintain(project, "scorecard", "webr", "base")
    assert done.returncode == 0, done.stderr
    # good adds 15 of 100 items to each category
    assert "webr follows more constraints than base: +15.0 points of macro HSR" in done.stdout
    assert "| macro mean " in done.stdout
    assert "90 : 0" in done.stdout  # 15 items of six categories
    assert "McNemar takes items as independent" in done.stdout
    assert "power" in done.stdout
    page = (project / "data/08_reporting/scorecards/webr-vs-base.html").read_text()
    assert "pack style 3 2" in page  # the instruction of group 3 at level 2
    assert sorted(path.name for path in (project / "data/08_reporting/scorecards").iterdir()) == ["webr-vs-base.html"]


def test_versions_and_aliases_of_the_registry_compare_with_students(project, tmp_path):
    done = quintain(project, "scorecard", "v2", "champion", "--to", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    assert "webr v2 follows more constraints than base v1: +15.0 points" in done.stdout
    same = quintain(project, "scorecard", "2", "webr", "--to", tmp_path / "page.html")
    assert "The two pass and fail the same 600 items: there is nothing to test." in same.stdout


def test_a_benchmark_of_a_student_or_a_version_is_named_behind_a_slash(project, tmp_path):
    done = quintain(project, "scorecard", "webr/sums", "--to", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    assert "| score     | 25.0 [" in done.stdout  # every fourth
    done = quintain(project, "scorecard", "2/sums", "--to", tmp_path / "page.html")
    assert "50.0 [" in done.stdout  # every second
    done = quintain(project, "scorecard", "1/sums")
    assert done.returncode == 1
    assert "version 1 was not measured on 'sums'; there are pack" in done.stderr


def test_every_benchmark_that_both_were_measured_on_has_a_section_in_the_terminal_and_on_the_page(project, tmp_path):
    done = quintain(project, "scorecard", "webr", "2", "--to", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    headline, further = done.stdout.split("\n## sums\n")
    assert headline.startswith("## almanac\n")
    assert "there is nothing to test" in headline
    # every fourth of 200 against every second: 25 points less, and other items
    assert "webr scores lower than webr v2: -25.0 points of score" in further
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert re.findall("<h2.*>(.*)</h2>", (tmp_path / "page.html").read_text()) == ["almanac", "sums"]


def test_one_model_alone_has_a_table_and_a_page(project, tmp_path):
    done = quintain(project, "scorecard", "champion", "--to", tmp_path / "one.html")
    assert done.returncode == 0, done.stderr
    assert "| macro mean " in done.stdout
    assert "| situation " in done.stdout
    assert (tmp_path / "one.html").stat().st_size > 10_000


def test_one_model_says_version_day_and_distance_to_the_champion(project, tmp_path):
    done = quintain(project, "scorecard", "v2", "--to", tmp_path / "one.html")
    assert done.returncode == 0, done.stderr
    assert re.search(r"Version 2 of quintain-student, registered on \d{4}-\d\d-\d\d: challenger\.\n", done.stdout)
    distance = "webr v2 follows more constraints than base v1, the champion: +15.0 points of macro HSR"
    assert distance in done.stdout
    assert distance in (tmp_path / "one.html").read_text(encoding="utf-8")
    assert "The champion, version 1, was measured on other terms." in done.stdout  # on no sums
    done = quintain(project, "scorecard", "webr/almanac", "--to", tmp_path / "one.html")
    assert "No registered version was scored with these verdicts." in done.stdout


def test_a_model_against_itself_keeps_two_names(project, tmp_path):
    done = quintain(project, "scorecard", "webr", "webr", "--to", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    assert "webr (A)" in done.stdout
    assert "webr (B)" in done.stdout


def test_an_unknown_model_names_those_that_exist(project):
    done = quintain(project, "scorecard", "webr", "nobody")
    assert done.returncode == 1
    assert "there is no model 'nobody'" in done.stderr
    assert "base/almanac, webr/almanac" in done.stderr
    assert "challenger, champion" in done.stderr
    assert "Traceback" not in done.stderr
    done = quintain(project, "scorecard", "9")
    assert done.returncode == 1
    assert "has no version 9; there are 2, 1" in done.stderr


def test_files_compare_outside_a_project_and_the_page_lands_here(tmp_path):
    ours = write_side(tmp_path / "a/scorecard.json", tmp_path / "a/judgements.jsonl", good, model="ours")
    theirs = write_side(tmp_path / "theirs.json", tmp_path / "theirs.jsonl", half, model="theirs")
    done = quintain(tmp_path, "scorecard", theirs, ours, "--judgements", tmp_path / "theirs.jsonl",
                    "--judgements", tmp_path / "a/judgements.jsonl")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "theirs follows fewer constraints than ours: -15.0 points" in done.stdout
    page = (tmp_path / "theirs-vs-ours.html").read_text()
    assert "are not at hand" in page
    assert "pack style 3 2" not in page
    named = quintain(tmp_path, "scorecard", ours, "--pack", write_lines(tmp_path / "pack.jsonl", PACK))
    assert named.returncode == 0, named.stderr
    assert "pack style 3 2" in (tmp_path / "ours.html").read_text()


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"pack": items(name="other")}, "pack: "),
        ({"rules": "corrected"}, "rules: test for ours, corrected for theirs"),
        ({"sampling": {**SAMPLING, "temperature": 1.0}}, "sampling: "),
    ],
)
def test_what_was_measured_otherwise_is_refused_and_both_sides_are_named(tmp_path, other, told):
    ours = write_side(tmp_path / "a/scorecard.json", tmp_path / "a/judgements.jsonl", half, model="ours")
    theirs = write_side(tmp_path / "b/scorecard.json", tmp_path / "b/judgements.jsonl", half, model="theirs", **other)
    done = quintain(tmp_path, "scorecard", ours, theirs)
    assert done.returncode == 1
    assert "ours (pack) and theirs (pack) were not measured on the same terms" in done.stderr
    assert told in done.stderr
    assert not list(tmp_path.glob("*.html"))


def test_another_judge_is_refused(tmp_path):
    sides = []
    for name in ("a", "b"):
        file = write_side(tmp_path / name / "scorecard.json", tmp_path / name / "judgements.jsonl", half, model=name)
        judgements = [dataclasses.replace(each, id="", by=f"judge:{name}") for each in judged(PACK, half)]
        write_lines(tmp_path / name / "judgements.jsonl", judgements)
        file.write_text(json.dumps(scorecard(PACK, judgements, model=name).as_dict()))
        sides.append(file)
    done = quintain(tmp_path, "scorecard", *sides)
    assert done.returncode == 1
    assert "judge: a for a, b for b" in done.stderr


def test_verdicts_of_another_evaluation_are_refused(tmp_path):
    file = write_side(tmp_path / "scorecard.json", tmp_path / "judgements.jsonl", half)
    write_lines(tmp_path / "judgements.jsonl", judged(PACK, good))
    done = quintain(tmp_path, "scorecard", file)
    assert done.returncode == 1
    # half holds 50 of 100 items of a category, good 65
    assert "do not belong to the scorecard: the judgements give HSR mean 0.6500, the scorecard says 0.5000" in (
        done.stderr
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read: No such file or directory"),
        ("{", "is no JSON"),
        ('{"macro": {}}', "card.json: this is no scorecard of this version"),
        ("[]", "this is no scorecard of this version"),
    ],
)
def test_a_file_that_is_no_scorecard_is_refused(tmp_path, content, told):
    if content is not None:
        (tmp_path / "card.json").write_text(content)
    done = quintain(tmp_path, "scorecard", "card.json")
    assert done.returncode == 1
    assert "card.json" in done.stderr
    assert told in done.stderr


def test_missing_or_broken_verdicts_name_the_file(tmp_path):
    file = write_side(tmp_path / "scorecard.json", tmp_path / "judgements.jsonl", half)
    (tmp_path / "judgements.jsonl").write_text("{}\n")
    done = quintain(tmp_path, "scorecard", file)
    assert done.returncode == 1
    assert "judgements.jsonl, line 1: Object missing required field" in done.stderr
    (tmp_path / "judgements.jsonl").unlink()
    done = quintain(tmp_path, "scorecard", file)
    assert done.returncode == 1
    assert "with --judgements FILE" in done.stderr


def test_another_pack_than_the_scorecards_is_refused(tmp_path):
    file = write_side(tmp_path / "scorecard.json", tmp_path / "judgements.jsonl", half)
    other = write_lines(tmp_path / "pack.jsonl", items(name="other"))
    done = quintain(tmp_path, "scorecard", file, "--pack", other)
    assert done.returncode == 1
    assert "but the scorecard was made on pack" in done.stderr


def test_a_name_outside_a_project_says_what_to_give(tmp_path):
    done = quintain(tmp_path, "scorecard", "champion")
    assert done.returncode == 1
    assert "is no scorecard file, and" in done.stderr
    assert "change into a project" in done.stderr


def test_a_page_that_cannot_be_written_leaves_the_former_one(tmp_path):
    file = write_side(tmp_path / "scorecard.json", tmp_path / "judgements.jsonl", half)
    (tmp_path / "page.html").mkdir()
    (tmp_path / "page.html/keep").touch()
    done = quintain(tmp_path, "scorecard", file, "--to", "page.html")
    assert done.returncode == 2  # click refuses a folder
    done = quintain(tmp_path, "scorecard", file, "--to", "scorecard.json/page.html")
    assert done.returncode == 1
    assert "could not be written" in done.stderr


def test_the_headline_is_that_of_the_environment_that_the_project_versions(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.quintain]\nenvironment = "own"\n')
    for layer, benchmarks in (("base", "[almanac]"), ("own", "[starter]")):
        (tmp_path / "conf" / layer).mkdir(parents=True)
        (tmp_path / "conf" / layer / "lifecycle.yml").write_text(f"benchmarks: {benchmarks}\n")
    cards = [tmp_path / f"data/08_reporting/base/{name}/scorecard.json" for name in ("core", "starter")]
    for card in cards:
        card.parent.mkdir(parents=True)
        card.write_text("{}")
    assert scorecard_sides._card_of(tmp_path, "base") == cards[1]
