"""The index of all reports: every student, score, decision and page, with links that work from a disk."""

import json
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

from quintain.reporting.index import _scale, index_page
from quintain.reporting.reports_folder import read_checks

MADE = {"base": "pre-training from scratch", "webr": "finetuning of base", "lte": "editing of webr"}
VERDICT = {"condition": "macro HSR", "passed": True, "reason": "+10.0 points", "benchmark": "small", "advisory": False}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def gate(version, over, outcome="promoted", verdicts=(VERDICT,)):
    comparisons = {"small": {"difference": 0.1, "low": 0.05, "high": 0.15}} if over else {}
    decision = {"outcome": outcome, "verdicts": verdicts, "comparisons": comparisons}
    return {"version": version, "champion": over, "moved": outcome == "promoted", "decision": decision}


@pytest.fixture
def folder(tmp_path, scorecard, flat_scorecard):
    root = tmp_path / "a project" / "08_reporting"
    for name, first in (("base", 0.7), ("webr", 0.9)):
        write(root / name / "small/scorecard.json", scorecard(name, first).as_dict())
        write(root / name / "small/scorecard.html", "<p>page</p>")
        write(root / name / "small/levels.png", "picture")
    write(root / "webr/ifeval/scorecard.json", flat_scorecard.as_dict())
    write(root / "base/registration.json", {"version": "1"})
    write(root / "webr/registration.json", {"version": "2"})
    write(root / "base/gate.json", gate("1", ""))
    note = VERDICT | {"condition": "clean tree", "passed": False, "advisory": True, "benchmark": ""}
    failed = VERDICT | {"passed": False}
    write(root / "webr/gate.json", gate("2", "1", "refused", [failed, note]))
    write(root / "lte/edits.md", "# edits")
    write(root / "lte/edit #1.png", "picture")
    write(root / "an_old_one/small/scorecard.json", scorecard("an_old_one").as_dict())
    write(root / "empty/training.json", {})
    write(root / "synthesis/page.html", "<p>rows</p>")
    write(root / "scorecards/webr-vs-base.html", "<p>two</p>")
    write(root / "expectations/base/pages.json", {"passed": True})
    write(root / "expectations/pairs.json", {"passed": False})
    return root


def index(folder, **fields):
    page = index_page(
        folder, project="a project", environment="smoke", written="today", made=MADE, benchmarks=["small", "ifeval"],
        **{"champion": "1", "registered": {"1": "2026-11-29"}} | fields,
    )  # fmt: skip
    (folder / "index.html").write_text(page, encoding="utf-8")
    return html.document_fromstring(page)


def cells(root):
    return [[" ".join(" ".join(cell.itertext()).split()) for cell in row] for row in root.xpath("//table//tbody/tr")]


def test_every_student_has_a_line_with_its_scores_version_and_decision(folder):
    base, webr, lte, old = cells(index(folder))
    # levels from 0.7 down in steps of 10 points, and from 0.9
    assert base == [
        "base champion",
        "pre-training from scratch",
        "50.0 40.0 to 60.0",
        "–",
        "v1 2026-11-29",
        "✓ promoted",
    ]
    assert webr[2:5] == ["70.0 60.0 to 80.0", "40.0 30.0 to 50.0", "v2"]
    assert webr[5] == "✗ refused +10.0 points against v1, 95 % interval +5.0 to +15.0"
    assert lte == ["lte", "editing of webr", "–", "–", "–", "–"]
    assert old[:2] == ["an_old_one", "not in the lifecycle of this run"]


def test_every_link_and_picture_is_there(folder):
    root = index(folder)
    linked = [address for address in root.xpath("//body//@href | //body//@src") if not address.startswith("#")]
    assert len(linked) >= 15
    for address in linked:
        assert not urlsplit(address).scheme, address
        assert (folder / unquote(address)).is_file(), address
    anchors = [address[1:] for address in root.xpath("//@href") if address.startswith("#")]
    assert set(anchors) <= set(root.xpath("//@id"))
    pages = {"synthesis/page.html", "scorecards/webr-vs-base.html", "lte/edits.md", "webr/small/scorecard.html"}
    assert pages <= set(map(unquote, linked))
    assert "index.html" not in linked


def test_the_gate_says_why(folder):
    (webr,) = index(folder).xpath("//details[@id='webr']")
    said = [" ".join(" ".join(each.itertext()).split()) for each in webr.xpath(".//ul[@class='verdicts']/li")]
    assert said == ["✗ small, macro HSR: +10.0 points", "! clean tree: +10.0 points"]
    assert "Gate on v2: ✗ refused over v1." in " ".join(" ".join(webr.itertext()).split())


def test_a_smoke_run_and_a_failed_check_are_marked(folder):
    text = index(folder).text_content()
    assert "these scores mean nothing" in text
    assert "1 of 2 checks failed" in text
    checks = read_checks(folder)
    assert (checks.n_passed, [each.words for each in checks.failed]) == (1, ["pairs"])


def test_one_broken_file_takes_no_page_down(folder):
    (folder / "webr/small/scorecard.json").write_text("{")
    (folder / "webr/gate.json").write_bytes(b"\xff\xfe")
    (folder / "webr/registration.json").write_text("[]")
    rows = {row[0]: row for row in cells(index(folder))}
    assert rows["webr"][2:] == ["–", "40.0 30.0 to 50.0", "–", "–"]


def test_a_project_without_reports_has_an_index_too(tmp_path):
    assert "No student has a report yet" in index(tmp_path, champion="").text_content()


@pytest.mark.parametrize(
    ("low", "high", "scale"), [(0.59, 0.77, (55, 80, 5)), (0.0, 1.0, (0, 100, 20)), (0.5, 0.5, (50, 55, 5))]
)
def test_the_axis_ends_at_round_numbers_around_the_data(low, high, scale):
    assert _scale(low, high) == scale
