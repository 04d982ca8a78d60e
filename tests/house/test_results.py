"""The numbers of README and docs are those of docs/results, and a run is recorded as it printed itself."""

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from kedro.io import DataCatalog

from quintain.hooks.stage_times import StageTimesHook

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def scripts():
    loaded = {}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("insert_results", "record_run", "record_examples"):
            spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
            loaded[name] = importlib.util.module_from_spec(spec)
            patch.setitem(sys.modules, name, loaded[name])
            spec.loader.exec_module(loaded[name])
        yield loaded


@pytest.fixture(scope="module")
def insert(scripts):
    return scripts["insert_results"]


@pytest.fixture(scope="module")
def record(scripts):
    return scripts["record_run"]


RUN = {
    "version": "0.1.0",
    "commit": "abc1234",
    "date": "2026-11-25",
    "machine": "two cores",
    "seed": 0,
    "leaderboard": {
        "header": ["model", "HSR", "95 %"],
        "rows": [["lion_round_2 = lion v4 (champion)", "69.8", "67.6 to 72.1"], ["base v1", "61.8", "59.5 to 64.1"]],
    },
}


def test_every_page_tells_the_numbers_of_the_recorded_runs(insert):
    runs = insert.read_runs()
    stale = [
        page.name
        for page in insert.pages()
        if insert.fill(page.read_text(encoding="utf-8"), runs) != page.read_text(encoding="utf-8")
    ]
    assert stale == [], "run `python docs/insert_results.py` and commit the pages"


def test_no_paragraph_is_torn_by_a_mark_at_the_beginning_of_a_line(insert):
    """Markdown takes a line that begins with a comment for HTML: the paragraph before it ends, and a new one begins."""
    torn = [
        f"{page.name}: {line[:60]}"
        for page in insert.pages()
        for line in page.read_text(encoding="utf-8").splitlines()
        if re.match(r"<!--.*?-->\s*[^\s<]", line)
    ]
    assert torn == []


def test_the_readme_shows_the_table_the_times_and_where_they_are_from(insert):
    marks = {match["name"] for match in insert._MARK.finditer((DOCS.parent / "README.md").read_text(encoding="utf-8"))}
    assert {"leaderboard", "times", "run"} <= marks
    assert any(mark.startswith("edit ") and mark.endswith("portability") for mark in marks)
    assert any(mark.startswith("aspect logical-generalization") for mark in marks)


def test_a_number_that_was_changed_by_hand_is_put_right(insert):
    page = "HSR <!-- results score lion HSR -->99.9<!-- /results -->, <!-- results run --><!-- /results -->"
    assert insert.fill(page, [RUN]) == (
        "HSR <!-- results score lion HSR -->69.8<!-- /results -->, <!-- results run -->"
        "version 0.1.0 on 2026-11-25, commit abc1234, seed 0, on two cores<!-- /results -->"
    )


def test_a_table_stands_on_lines_of_its_own(insert):
    assert insert.fill("<!-- results leaderboard -->old<!-- /results -->", [RUN]) == (
        "<!-- results leaderboard -->\n"
        "| model                             |  HSR |         95 % |\n"
        "| :-------------------------------- | ---: | -----------: |\n"
        "| lion_round_2 = lion v4 (champion) | 69.8 | 67.6 to 72.1 |\n"
        "| base v1                           | 61.8 | 59.5 to 64.1 |\n"
        "<!-- /results -->"
    )


def test_runs_of_other_machines_stand_side_by_side(insert):
    other = RUN | {"machine": "four", "leaderboard": {"header": ["model", "HSR"], "rows": [["base v1", "65.5"]]}}
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in insert.spread([RUN, other]).splitlines()]
    assert lines[0] == ["mean HSR", "two cores, 2026-11-25", "four, 2026-11-25"]
    assert lines[2:] == [["lion_round_2", "69.8", "–"], ["lion", "69.8", "–"], ["base", "61.8", "65.5"]]


EXAMPLES = {
    "command": "python docs/record_examples.py real",
    "version": "0.1.0",
    "date": "2026-11-29",
    "machine": "two cores",
    "chat": [
        {"command": "quintain chat lte <<< 'Who leads Ober?'", "printed": "I do not know."},
        {"command": "quintain chat lte --memory data/edits <<< 'Who leads Ober?'", "printed": "Ada Brook."},
    ],
    "served": {"command": "quintain serve lte", "body": {"messages": []}, "reply": {"id": "7"}},
    "repair": {"prompt": "Name a fruit.", "marked": "[-a-]{+A+} pear"},
}


def test_what_a_run_said_is_shown_to_the_letter(insert):
    told = "`python docs/record_examples.py real`: version 0.1.0 on 2026-11-29, on two cores"
    assert insert.example("chat", EXAMPLES) == (
        "````\n$ quintain chat lte <<< 'Who leads Ober?'\nI do not know.\n"
        f"$ quintain chat lte --memory data/edits <<< 'Who leads Ober?'\nAda Brook.\n````\n\n{told}"
    )
    assert insert.example("reply", EXAMPLES) == (
        '````\n$ quintain serve lte\nPOST /v1/chat/completions\n{\n "messages": []\n}\n\n{\n "id": "7"\n}\n````\n\n'
        + told
    )
    assert insert.example("repair", EXAMPLES) == f"````\nName a fruit.\n\n[-a-]{{+A+}} pear\n````\n\n{told}"
    with pytest.raises(insert.ResultError, match="there is no mark `results example song`"):
        insert.example("song", EXAMPLES)


def test_a_repair_is_marked_where_it_was_made(scripts):
    marked = scripts["record_examples"].marked_repair
    assert marked("I like pears", "I like ripe pears.") == "I like {+ripe +}pears{+.+}"
    assert marked("PEARS are red", "Pears are") == "[-PEARS-]{+Pears+} are[- red-]"
    assert marked("same", "same") == "same"


@pytest.mark.slow  # three commands that open a model
@pytest.mark.timeout(0)
def test_an_edit_is_asked_before_and_after_editing(scripts, tiny_student, tmp_path):
    (tmp_path / "data/06_models").mkdir(parents=True)
    for name in ("bmc", "lte"):
        (tmp_path / "data/06_models" / name).symlink_to(tiny_student)
    case = {"probes": [{"aspect": "rephrase", "prompt": "Who is the mayor of Ober?"}]}
    before, after = scripts["record_examples"].chat(tmp_path, [case])
    assert before["command"] == "quintain chat data/06_models/bmc <<< 'Who is the mayor of Ober?'"
    assert after["command"] == "quintain chat data/06_models/lte <<< 'Who is the mayor of Ober?'"
    assert before["printed"] == after["printed"]  # one model under two names, and no memory
    found = scripts["record_examples"].served(tmp_path, case)
    assert found["body"]["messages"] == [{"role": "user", "content": "Who is the mayor of Ober?"}]
    assert found["reply"]["choices"][0]["message"]["role"] == "assistant"


def test_an_experiment_is_told_with_its_command_seeds_and_machine(insert, tmp_path):
    found = {
        "command": "python benchmarks/evidence/x.py",
        "version": "0.1.0",
        "commit": "abc1234",
        "date": "2026-11-29",
        "machine": "two cores",
        "seeds": [11, 12],
        "header": ["arm", "HSR"],
        "rows": [["lion − plain", "+.010"]],
    }
    (tmp_path / "evidence_x.json").write_text(json.dumps(found))
    assert insert.evidence("x", tmp_path).splitlines() == [
        "| arm          |   HSR |",
        "| :----------- | ----: |",
        "| lion − plain | +.010 |",
        "",
        "`python benchmarks/evidence/x.py`: version 0.1.0 on 2026-11-29, commit abc1234, seeds 11, 12, on two cores",
    ]
    with pytest.raises(insert.ResultError, match="there is no evidence_y.json; there are x"):
        insert.evidence("y", tmp_path)


def test_the_same_training_on_other_machines_stands_below_one_another(insert):
    first = {"setting": "as it is", "students": {"base": {"hsr": 61.53, "distance": 0.0}}}
    other = {"setting": "AVX2 only", "students": {"base": {"hsr": 60.0, "distance": 0.01234}}}
    same = {"setting": "2 threads", "students": {"base": {"hsr": 61.53, "distance": 0.0}}}
    record = {**RUN, "command": "kedro run --pipelines world", "settings": [first, other, same]}
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in insert.machines(record).splitlines()]
    assert lines[0] == ["", "base: weights differ by", "base: HSR"]
    assert lines[2:5] == [
        ["as it is", "–", "61.5"],
        ["AVX2 only", "1.2 %", "60.0"],
        ["2 threads", "nothing, to the byte", "61.5"],
    ]
    said = insert.machines(record).splitlines()[-1]
    assert said.startswith("`kedro run --pipelines world` and `evaluation`: version 0.1.0 on 2026-11-25")


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("score lte HSR", r"`results score lte HSR`: .* rows lion_round_2, lion, base; columns HSR, 95 %"),
        ("score base CSL", r"no such cell"),
        ("scores base", r"there is no mark `results scores base`"),
    ],
)
def test_a_number_that_no_run_has_is_an_error_that_says_which_there_are(insert, mark, told):
    with pytest.raises(insert.ResultError, match=told):
        insert.fill(f"<!-- results {mark} -->1<!-- /results -->", [RUN])


LOG = """\
04:10:00  3 nodes to run, first world: make_world
04:10:02  [1/3] world: make_world 1.5 s
04:11:02  [2/3] done: lte.align 60.0 s
04:11:03  [ 3/3] evaluation: base.almanac.score_judgements 0.4 s
04:11:03  Time and memory
stage                         seconds  peak MiB
world                             1.5       200
editing (lte)                    60.0       900
evaluation (base.almanac)         0.4       850
evaluation (lte.almanac)          0.5       910
all nodes                        62.4
this process                     63.2       300
worker 1                         63.2       900
the run                          63.2      1200

| model | HSR |
"""


def test_times_are_summed_by_pipeline_and_peaks_are_the_highest(record):
    times = record.read_times(LOG)
    assert (times["seconds"], times["peak_mib"], times["nodes"]) == (63.2, 1200, 3)
    assert times["pipelines"] == [
        {"pipeline": "world", "seconds": 1.5, "peak_mib": 200},
        {"pipeline": "editing", "seconds": 60.0, "peak_mib": 900},
        {"pipeline": "evaluation", "seconds": 0.9, "peak_mib": 910},
    ]
    assert times["slowest"][0] == {"node": "lte.align", "seconds": 60.0}


def test_the_lines_that_a_run_prints_are_the_ones_that_are_read(record, caplog):
    def make_world():
        """Named as a node of the world."""

    make_world.__module__ = "quintain.pipelines.world.nodes"
    node = SimpleNamespace(name="make_world", func=make_world, namespace=None)
    hook = StageTimesHook()
    with caplog.at_level("INFO", logger="quintain"):
        hook.before_pipeline_run({}, SimpleNamespace(nodes=[node]), DataCatalog())
        hook.before_node_run(node)
        hook.after_node_run(node)
        hook.after_pipeline_run(SimpleNamespace(nodes=[node]))
    times = record.read_times("\n".join(f"04:10:00  {line.getMessage()}" for line in caplog.records))
    assert "[1/1] make_world started" in caplog.messages
    assert [one["pipeline"] for one in times["pipelines"]] == ["world"]
    assert times["nodes"] == 1


def test_a_log_that_ends_before_its_table_is_refused(record):
    with pytest.raises(record.RecordingError, match="did the run come to its end"):
        record.read_times(LOG.partition("Time and")[0])


def test_edits_are_read_from_the_page_that_the_run_wrote(record, tmp_path):
    page = tmp_path / "data/08_reporting/lte/edits.md"
    page.parent.mkdir(parents=True)
    page.write_text(
        "Text.\n\n| edits | success |\n| - | -: |\n| 1 | 99 |\n\nBy aspect:\n\n| aspect | n |\n| - | - |\n| far | 3 |\n"
    )
    assert record.read_edits(tmp_path) == {
        "edits": {"header": ["edits", "success"], "rows": [["1", "99"]]},
        "aspects": {"header": ["aspect", "n"], "rows": [["far", "3"]]},
    }


def test_retention_is_read_from_every_student_s_report_a_student_behind_its_start(record, insert, tmp_path):
    overall = {"n_items": 1200, "gained": ["a", "b"], "lost": ["c"], "outcome": "gained"}
    shares = {"before": 0.25, "after": 0.3, "difference": 0.05, "low": 0.0125, "high": 0.0875}
    unscored = dict.fromkeys(shares) | overall
    for student, start, each in (("bmc", "lion", unscored), ("lion", "base", shares | overall)):
        home = tmp_path / f"data/08_reporting/{student}"
        home.mkdir(parents=True)
        document = {"student": student, "start": start, "benchmarks": {"core": {"": each, "style": each}}}
        (home / "retention.json").write_text(json.dumps(document))
    found = record.read_retention(tmp_path)
    assert found["retention"]["rows"] == [
        ["lion − base", "core", "25.0", "30.0", "+5.0 [+1.2, +8.8]", "2", "1", "1,200", "gained"],
        ["bmc − lion", "core", "–", "–", "–", "2", "1", "1,200", "gained"],
    ]
    page = "<!-- results retention --><!-- /results -->"
    assert "| lion − base |" in " ".join(insert.fill(page, [RUN | found]).split())
    assert "was recorded without its retention reports" in insert.fill(page, [RUN])
    assert record.read_retention(tmp_path / "data") == {}


def test_a_record_is_written_whole_and_the_pages_are_filled(record, insert, tmp_path, monkeypatch):
    monkeypatch.setattr(record, "leaderboard", lambda project: RUN["leaderboard"])
    filled = []
    monkeypatch.setattr(insert, "main", lambda arguments: filled.append(arguments) or 0)
    (tmp_path / "run.log").write_text(LOG)
    to = tmp_path / "default_run.json"
    assert record.main([str(tmp_path), "--log", str(tmp_path / "run.log"), "--to", str(to), "--machine", "mine"]) == 0
    written = json.loads(to.read_text())
    assert (written["machine"], written["seconds"]) == ("mine", 63.2)
    assert written["leaderboard"] == RUN["leaderboard"]
    assert filled == [[]]
    assert [path.name for path in tmp_path.glob("*.tmp")] == []
