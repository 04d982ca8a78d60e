"""Names become sources: files, folders, dataset_info.json with its tags and columns, and data sets of the hub."""

import json
import sys
from types import SimpleNamespace

import pytest

from quintain.errors import ConfigError, RecordError
from quintain.given.columns import Columns, read_columns
from quintain.given.importing import Importer
from quintain.given.layout import Layout
from quintain.given.opening import Choice, open_named
from quintain.records import Dropped

INFO = {
    "mine": {"file_name": "mine.json", "columns": {"prompt": "q", "query": "m", "response": "r", "history": "h"}},
    "chats": {
        "file_name": "chats", "formatting": "sharegpt", "ranking": True,
        "columns": {"messages": "talk", "chosen": "good", "rejected": "bad"},
        "tags": {"role_tag": "who", "content_tag": "said", "user_tag": "Q", "assistant_tag": "A",
                 "observation_tag": "T"},
    },
    "former": {"file_name": "former.json", "ranking": True},
    "hub": {"hf_hub_url": "a/b"},
    "lost": {"file_name": "lost.json"},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "chats").mkdir()
    for name, content in {
        "dataset_info.json": INFO,
        "mine.json": [{"q": "Q", "m": "M", "r": "R", "h": [["a", "b"]], "id": 1}],
        "former.json": [{"instruction": "U", "input": "", "output": ["good", "bad"]}],
        "chats/one.json": [
            {"talk": [{"who": "Q", "said": "U"}], "good": {"who": "A", "said": "yes"},
             "bad": {"who": "A", "said": "no"}},
            {"talk": [{"who": "Q", "said": "U"}, {"who": "T", "said": "x"}], "good": {"who": "A", "said": "yes"},
             "bad": {"who": "A", "said": "no"}},
        ],
    }.items():  # fmt: skip
        (tmp_path / name).write_text(json.dumps(content))
    return tmp_path


def imported(names, choice=Choice(), layout=Layout()):  # noqa: B008 - both are frozen
    notes, importer = [], Importer()
    found = [each for one in open_named(names, layout, choice, notes) for each in importer.read(one.source, one.layout)]
    return importer, [each.record for each in found if not isinstance(each, Dropped)], notes


def test_entries_of_a_dataset_info_are_read_with_their_columns_and_tags(folder):
    importer, (pair, chat, former), notes = imported([str(folder)])
    assert (pair.instruction, pair.response, len(pair.context)) == ("Q\n\nM", "R", 2)
    assert (chat.prompt, chat.chosen, chat.rejected) == ("U", "yes", "no")
    assert (former.prompt, former.chosen, former.rejected) == ("U", "good", "bad")
    assert dict(importer.reports[1].dropped) == {"tool-turn": 1}
    assert "mine says so (alpaca)" in importer.reports[0].line
    assert ["hub: passed over" in notes[0], "lost.json does not exist" in notes[1]] == [True, True]


def test_one_entry_is_chosen_by_name(folder):
    _, (pair,), notes = imported([str(folder / "dataset_info.json")], Choice(datasets=("mine",)))
    assert (pair.instruction, notes) == ("Q\n\nM", [])
    with pytest.raises(RecordError, match="has no data set 'mien'; there are mine, chats"):
        imported([str(folder)], Choice(datasets=("mien",)))
    with pytest.raises(RecordError, match=r"hub: passed over, it has hf_hub_url 'a/b'"):
        imported([str(folder)], Choice(datasets=("hub",)))


def test_what_has_no_meaning_for_a_source_is_refused(folder):
    with pytest.raises(ConfigError, match="and no such file is"):
        imported([str(folder / "mine.json")], Choice(datasets=("mine",)))
    with pytest.raises(ConfigError, match="says by itself which columns"):
        imported([str(folder)], layout=Layout(Columns({"instruction": "q"})))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"formatting": "parrot"}, "formatting is 'parrot'"),
        ({"columns": {"prompting": "q"}}, "columns must map some of"),
        ({"tags": {"role": "x"}}, "tags must map some of"),
    ],
)
def test_an_entry_that_says_something_else_is_named(folder, entry, message):
    (folder / "dataset_info.json").write_text(json.dumps({"mine": {"file_name": "mine.json", **entry}}))
    with pytest.raises(RecordError, match=f"mine: {message}"):
        imported([str(folder)])


@pytest.fixture
def hub(monkeypatch):
    """A hub that has one data set, and notes how it was asked."""
    asked = []

    class DatasetsError(Exception):
        pass

    def load_dataset(name, subset, **how):
        asked.append((name, subset, how))
        if name == "code/made":
            raise RuntimeError("Dataset scripts are no longer supported, but found made.py")
        if name == "not/there":
            raise DatasetsError("Dataset 'not/there' doesn't exist on the Hub")
        return iter([{"instruction": "a", "input": None, "output": "b"}])

    stub = SimpleNamespace(load_dataset=load_dataset, exceptions=SimpleNamespace(DatasetsError=DatasetsError))
    monkeypatch.setitem(sys.modules, "datasets", stub)
    return asked


def test_a_data_set_of_the_hub_is_streamed_at_its_revision(hub):
    importer, (pair,), _ = imported(["tatsu-lab/alpaca@abc123"], Choice(subset="full", split="test"))
    assert hub == [("tatsu-lab/alpaca", "full", {"revision": "abc123", "split": "test", "streaming": True})]
    assert pair.origin.knobs["source"] == "tatsu-lab/alpaca@abc123 (test), row 1"
    assert importer.reports[0].kind == "a data set of the hub"


def test_code_of_others_is_refused_and_what_is_not_there_is_named(hub):
    with pytest.raises(RecordError, match=r"code/made@1 is made by code of its own .*, which is never run"):
        imported(["code/made@1"])
    with pytest.raises(RecordError, match=r"not/there@1 cannot be read: DatasetsError: .*doesn't exist"):
        imported(["not/there@1"])
    with pytest.raises(RecordError, match="alpaca does not exist; name a file, a folder, or .* with its revision"):
        imported(["tatsu-lab/alpaca"])


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("instructions=a", "there is no 'instructions'; did you mean instruction"),
        ("instruction", "'instruction' is no `name=column`"),
        ("instruction=a,instruction=b", "instruction is named twice"),
        ("response=a,output=b", "response and output are two names of one thing"),
        ("instruction=a,response=a", "a of the file is taken for two things"),
    ],
)
def test_a_mapping_that_says_nothing_is_refused(typed, message):
    with pytest.raises(ConfigError, match=message):
        read_columns([typed])


def test_a_mapping_goes_there_and_back():
    columns = Columns({"response": "answer"})
    row = {"answer": 1, "output": 2, "response": 3, "x": 4}
    ours, hidden = columns.ours(row)
    assert (ours, hidden) == ({"x": 4, "response": 1}, {"response": 3, "output": 2})
    assert columns.theirs(ours, hidden) == row
