"""The pages on data, items and prompts of one's own run as they stand."""

import csv
import json
import re
import shutil
from pathlib import Path

import pytest
from kedro.config import OmegaConfigLoader
from kedro.io import DataCatalog

from quintain import prompts
from quintain.configuration import check_configuration
from quintain.prompts.own import VARIABLE
from quintain.settings import CONFIG_LOADER_ARGS
from tests.console import quintain

REPOSITORY = Path(__file__).parents[2]
_BLOCK = re.compile(r'^```(\w+) title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
CHATS = [
    {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]},
    {"messages": [{"role": "user", "content": "Hi"}, {"role": "tool", "content": "x"}]},
    {"messages": [{"role": "user", "content": "Bye"}, {"role": "assistant", "content": "Ciao"}]},
]


def lay_out(page, root):
    """The blocks of a page as files, over the shipped configuration."""
    shutil.copytree(REPOSITORY / "conf", root / "conf")
    text = (REPOSITORY / "docs/how-to" / page).read_text(encoding="utf-8")
    for _, title, content in _BLOCK.findall(text):
        (root / title).parent.mkdir(parents=True, exist_ok=True)
        (root / title).write_text(content, encoding="utf-8")
    return text


def loader(root):
    return OmegaConfigLoader(str(root / "conf"), env="mine", **CONFIG_LOADER_ARGS)


@pytest.fixture
def data(tmp_path, monkeypatch):
    text = lay_out("data.md", tmp_path)
    (tmp_path / "chats.jsonl").write_text("".join(json.dumps(row) + "\n" for row in CHATS))
    (tmp_path / "preferences.jsonl").write_text(
        json.dumps({"question": "Q", "good": "yes", "bad": "no", "id": 1}) + "\n"
    )
    with (tmp_path / "qa.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["question", "answer"], ["Q?", "A"]])
    (tmp_path / "models/mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return text


def test_the_commands_of_the_page_on_data_say_what_it_shows(data, tmp_path):
    commands = [line.split()[1:] for line in data.split("\n") if line.startswith("quintain ")]
    shown = re.search(r"```\n(chats\.jsonl: .*?)```", data, re.DOTALL)[1]
    told = [quintain(tmp_path, *command) for command in commands]
    assert [done.returncode for done in told] == [0] * len(commands)
    assert told[0].stdout == shown
    assert (tmp_path / "back.jsonl").read_text() == "".join(json.dumps(row) + "\n" for row in (CHATS[0], CHATS[2]))


def test_the_catalog_of_the_page_on_data_reads_all_three_files(data, tmp_path):
    mine = loader(tmp_path)
    lifecycle = check_configuration(mine)
    assert lifecycle.student("tuned").overrides == {"finetuning.sft.learn": "all"}
    catalog = DataCatalog.from_config(
        {name: mine["catalog"][name] for name in ("given_pairs", "given_preferences", "given_edits")}
    )
    with pytest.raises(Exception, match="1 of 3 rows are dropped: 1 tool-turn"):  # a third, and a fifth is allowed
        catalog.load("given_pairs")
    (preference,) = catalog.load("given_preferences")
    assert (preference.prompt, preference.chosen, preference.rejected) == ("Q", "yes", "no")
    first, second = catalog.load("given_edits")
    assert (first.aliases, second.target_new) == (("Old Veldmark", "The Mark"), "Bo, the elder")


def test_the_page_on_items_gives_a_benchmark(tmp_path, monkeypatch):
    lay_out("own-items.md", tmp_path)
    monkeypatch.chdir(tmp_path)
    mine = loader(tmp_path)
    assert check_configuration(mine).benchmarks == ("islands",)
    islands = DataCatalog.from_config({"islands": mine["catalog"]["islands.items@benchmark"]}).load("islands")
    assert [item.category for item in islands.items] == ["people", "places", "places"]
    assert [islands.judge(item, "Three islands, of which Ost").score for item in islands.items] == [0.0, 1.0, 1.0]


def test_the_page_on_prompts_gives_prompts(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    lay_out("own-prompts.md", tmp_path)
    mine = loader(tmp_path)
    check_configuration(mine)
    before = prompts.fingerprint("webr/author")
    assert prompts.use_prompts(tmp_path / mine["parameters"]["prompts"]["folder"]) == ["webr/author"]
    assert prompts.fingerprint("webr/author") != before
    assert "who wrote this page" in prompts.render("webr/author", page="A page.")[0].content
