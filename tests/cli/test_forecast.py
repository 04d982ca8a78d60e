"""`quintain forecast synthesis`: nothing is asked, everything is counted."""

import pytest
import yaml
from click.testing import CliRunner

from quintain.almanac.pages import web_pages
from quintain.almanac.world import WorldParams, make_world
from quintain.cli import new
from quintain.cli.forecast import command, foretell
from quintain.usage import RoleUsage
from quintain.web import write_warc

CALLS = RoleUsage(600, 600_000, 120_000, role="teacher", model="t")
ENDPOINT = {"backend": "openai", "address": "http://localhost:8000/v1", "model": "t"}


def test_money_is_tokens_times_prices():
    # .6 million read at 1, .12 million written at 2
    assert foretell(CALLS, ENDPOINT | {"price": {"input": 1.0, "output": 2.0}})[0] == 0.84
    assert foretell(CALLS, ENDPOINT)[0] is None


def test_hours_are_those_of_the_slowest_limit():
    # 600 calls at 100 a minute are 6 minutes; 720,000 tokens at 60,000 a minute 12; 10 s each, 32 at once, 3.1
    paced = ENDPOINT | {"requests_per_minute": 100}
    assert foretell(CALLS, paced)[1] == pytest.approx(6 / 60)
    assert foretell(CALLS, paced | {"tokens_per_minute": 60_000})[1] == pytest.approx(12 / 60)
    assert foretell(CALLS, ENDPOINT)[1] == pytest.approx(600 * 10 / 32 / 3600)
    assert foretell(CALLS, {"backend": "oracle"}) == (None, None)


def test_a_project_is_forecast_from_its_pages_and_settings_and_nothing_is_asked(tmp_path, monkeypatch):
    new.lay_out(tmp_path / "mine")
    monkeypatch.chdir(tmp_path / "mine")
    world = make_world(WorldParams(towns=8, fresh_towns=4, persons=8))
    write_warc(web_pages(world, count=30, fresh_share=0.3, seed=0), tmp_path / "mine/data/01_raw/pages.warc.gz")
    done = CliRunner().invoke(command, ["synthesis", "--response-tokens", "100"], catch_exceptions=False)
    header, *lines, total = [line.split() for line in done.output.splitlines()[-6:]]
    assert done.exit_code == 0
    assert header[:2] == ["question", "to"]
    assert [line[0] for line in lines] == ["author", "teacher", "teacher", "teacher"]
    pages = int(lines[0][2])
    assert 25 <= pages <= 30
    assert int(lines[2][4].replace(",", "")) == 100 * pages
    assert int(total[1]) == sum(int(line[2]) for line in lines)
    assert not (tmp_path / "mine/data/ledger.sqlite").exists()


def test_an_environment_brings_its_own_settings(tmp_path, monkeypatch):
    new.lay_out(tmp_path / "mine")
    monkeypatch.chdir(tmp_path / "mine")
    (tmp_path / "mine/conf/few").mkdir()
    settings = {"synthesis": {"method": {"as_response": 0}}}
    (tmp_path / "mine/conf/few/parameters_synthesis.yml").write_text(yaml.safe_dump(settings))
    world = make_world(WorldParams(towns=8, fresh_towns=4, persons=8))
    write_warc(web_pages(world, count=30, fresh_share=0.3, seed=0), tmp_path / "mine/data/01_raw/pages.warc.gz")
    done = CliRunner().invoke(command, ["synthesis", "--env", "few"], catch_exceptions=False)
    assert done.output.splitlines()[-2].split()[2] == "0"  # no refinement without web-as-response
