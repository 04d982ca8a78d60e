"""`quintain preview synthesis`: some rows side by side, paid once."""

import json

from click.testing import CliRunner

from quintain.almanac.pages import web_pages
from quintain.almanac.world import WorldParams, make_world, world_as_json
from quintain.cli import new
from quintain.cli.preview import command
from quintain.web import write_warc


def test_rows_are_shown_step_by_step_and_a_second_preview_asks_nobody(tmp_path, monkeypatch):
    new.lay_out(tmp_path / "mine")
    monkeypatch.chdir(tmp_path / "mine")
    world = make_world(WorldParams(towns=8, fresh_towns=4, persons=8))
    (tmp_path / "mine/data/01_raw/world.json").write_text(json.dumps(world_as_json(world)))
    write_warc(web_pages(world, count=30, fresh_share=0.3, seed=0), tmp_path / "mine/data/01_raw/pages.warc.gz")
    monkeypatch.setattr("quintain.cli.preview._benchmarks", lambda _: [])
    first = CliRunner().invoke(command, ["synthesis", "--rows", "6"], catch_exceptions=False)
    assert first.exit_code == 0
    lines = dict(line.partition(": ")[::2] for line in first.output.splitlines() if ": " in line)
    assert lines["rows"].startswith("6, of which ")
    assert lines["calls"].endswith("of which the ledger knew 0")
    page = (tmp_path / "mine/data/08_reporting/synthesis/preview.html").read_text()
    assert page.count("<section>") == 6
    assert "<h3>refinement</h3>" in page
    again = CliRunner().invoke(command, ["synthesis", "--rows", "6", "--to", "x.html"], catch_exceptions=False)
    calls = next(line for line in again.output.splitlines() if line.startswith("calls: "))
    asked, known = calls.removeprefix("calls: ").split(", of which the ledger knew ")
    assert asked == known != "0"
    assert (tmp_path / "mine/x.html").read_text().count("<section>") == 6
