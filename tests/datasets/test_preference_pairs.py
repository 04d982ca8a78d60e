"""Pairs that somebody else made: read whole, or refused with the row and column that is wrong."""

import json

import pytest
from kedro.io import DatasetError

from quintain.datasets import PreferencePairsDataset
from quintain.errors import ConfigError
from quintain.records import Message

ROWS = [
    {"prompt": "Who?", "chosen": "Robin.", "rejected": "Tom."},
    {"prompt": "Where?", "chosen": "Here.", "rejected": "There."},
]


def chat(*turns):
    return [{"role": role, "content": content} for role, content in turns]


@pytest.fixture
def lines(tmp_path):
    def write(rows):
        path = tmp_path / "pairs.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return str(path)

    return write


def sides(pairs):
    return [(pair.prompt, pair.chosen, pair.rejected) for pair in pairs]


def test_json_lines_and_parquet_give_the_same_pairs(lines, tmp_path):
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), tmp_path / "pairs.parquet")
    from_lines = PreferencePairsDataset(filepath=lines(ROWS)).load()
    from_parquet = PreferencePairsDataset(filepath=str(tmp_path / "pairs.parquet")).load()
    assert sides(from_lines) == sides(from_parquet) == [tuple(row.values()) for row in ROWS]
    assert from_lines[1].origin.knobs["row"] == "2"
    assert [pair.id for pair in from_lines] == [pair.id for pair in from_parquet]


def test_columns_of_other_names_are_mapped_and_others_named_or_refused(lines):
    path = lines([{"question": "Who?", "good": "Robin.", "bad": "Tom.", "score": 3}])
    columns = {"prompt": "question", "chosen": "good", "rejected": "bad"}
    assert sides(PreferencePairsDataset(filepath=path, columns=columns, ignored=["score"]).load()) == [
        ("Who?", "Robin.", "Tom.")
    ]
    with pytest.raises(DatasetError, match="pairs.jsonl, row 1 has unknown columns: score; map them under `columns`"):
        PreferencePairsDataset(filepath=path, columns=columns).load()


def test_chats_give_their_last_turn_and_bring_their_prompt(lines):
    row = {
        "chosen": chat(("user", "Who?"), ("assistant", "Robin.")),
        "rejected": chat(("user", "Who?"), ("assistant", "Tom.")),
    }
    assert sides(PreferencePairsDataset(filepath=lines([row])).load()) == [("Who?", "Robin.", "Tom.")]


def test_turns_before_the_prompt_are_kept(lines):
    before = [("system", "Be brief."), ("user", "Who rules?"), ("assistant", "The mayor."), ("user", "Who?")]
    asked = chat(*before)
    chosen, rejected = ([*asked, *chat(("assistant", name))] for name in ("Robin.", "Tom."))
    rows = [
        {"chosen": chosen, "rejected": rejected},
        {"prompt": asked, "chosen": "Robin.", "rejected": "Tom."},
        {"prompt": "Who?", "chosen": chosen, "rejected": rejected},
    ]
    context = tuple(Message(role=role, content=content) for role, content in before[:-1])
    pairs = PreferencePairsDataset(filepath=lines(rows)).load()
    assert sides(pairs) == [("Who?", "Robin.", "Tom.")] * 3
    assert [pair.context for pair in pairs] == [context] * 3


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"prompt": "Who?", "chosen": "", "rejected": "Tom."}, "row 1 has no chosen"),
        ({"prompt": "Who?", "chosen": "Robin."}, "row 1 has no rejected"),
        ({"chosen": "Robin.", "rejected": "Tom."}, "row 1 has no prompt"),
        ({"prompt": "Who?", "chosen": chat(("user", "Hm?")), "rejected": "Tom."}, "chosen is neither text nor a chat"),
        ({"prompt": "Who?", "chosen": 3, "rejected": "Tom."}, "chosen is neither text nor a chat"),
    ],
)
def test_a_row_that_is_no_pair_is_named(lines, row, message):
    with pytest.raises(DatasetError, match=message):
        PreferencePairsDataset(filepath=lines([row])).load()


def test_a_folder_of_the_hubs_form_is_read(lines, tmp_path):
    lines(ROWS)
    dataset = PreferencePairsDataset(hub={"path": str(tmp_path), "split": "train"})
    assert sides(dataset.load()) == [tuple(row.values()) for row in ROWS]


def test_damaged_and_missing_files_are_clear_errors(lines, tmp_path):
    with pytest.raises(DatasetError, match="does not exist"):
        PreferencePairsDataset(filepath=str(tmp_path / "none.jsonl")).load()
    path = tmp_path / "broken.jsonl"
    path.write_text('{"prompt": \n')
    with pytest.raises(DatasetError, match="line 1: not an object of JSON"):
        PreferencePairsDataset(filepath=str(path)).load()
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(DatasetError, match="no whole Parquet file"):
        PreferencePairsDataset(filepath=str(tmp_path / "broken.parquet")).load()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "either `filepath` or `hub`"),
        ({"filepath": "a.csv"}, "a.csv: pairs are read from .jsonl or .parquet"),
        ({"filepath": "a.jsonl", "columns": {"winner": "a"}}, "columns knows prompt, chosen, rejected, not winner"),
        ({"hub": {"path": "someone/pairs"}}, "needs `revision`, or the pairs would change by themselves"),
    ],
)
def test_wrong_settings_are_named(settings, message):
    with pytest.raises(ConfigError, match=message):
        PreferencePairsDataset(**settings)


def test_it_is_read_only(lines):
    with pytest.raises(Exception, match="only read"):
        PreferencePairsDataset(filepath=lines(ROWS)).save([])
