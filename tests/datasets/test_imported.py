"""Data of the user's own in the catalog, in whatever format."""

import json

import pytest
from kedro.io import DatasetError

from quintain.datasets import ImportedDataset, RecordsDataset
from quintain.records import Message

CHAT = {
    "conversations": [{"from": "system", "value": "S"}, {"from": "human", "value": "U"}, {"from": "gpt", "value": "A"}]
}
PREFERENCE = {"prompt": "P", "chosen": "good", "rejected": "bad", "score": 1}


@pytest.fixture
def lines(tmp_path):
    def write(rows, name="mine.jsonl"):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
        return str(tmp_path / name)

    return write


def test_pairs_and_preferences_are_read_in_the_formats_of_others(lines, tmp_path):
    (pair,) = ImportedDataset(record="InstructionPair", filepath=lines([CHAT])).load()
    assert (pair.context, pair.response) == ((Message(role="system", content="S"),), "A")
    (preference,) = ImportedDataset(record="PreferencePair", filepath=lines([PREFERENCE])).load()
    assert (preference.prompt, preference.chosen) == ("P", "good")
    # what reads it back elsewhere, such as a run after `quintain data import`
    RecordsDataset(filepath=str(tmp_path / "out.jsonl"), record="InstructionPair").save([pair])
    assert ImportedDataset(record="InstructionPair", filepath=str(tmp_path / "out.jsonl")).load() == [pair]


def test_columns_are_mapped_by_the_catalog(lines):
    path = lines([{"question": "Q", "answer": "A"}])
    (pair,) = ImportedDataset(
        record="InstructionPair", filepath=path, columns={"instruction": "question", "response": "answer"}
    ).load()
    assert (pair.instruction, pair.response) == ("Q", "A")


def test_rows_that_are_dropped_are_told_and_too_many_are_refused(lines, tmp_path, caplog):
    broken = {"conversations": [{"from": "human", "value": "U"}]}
    path = lines(
        [
            CHAT,
            CHAT,
            *(
                {
                    "conversations": [
                        *CHAT["conversations"][1:],
                    ]
                }
                for _ in range(1)
            ),
            broken,
        ]
    )
    kept = ImportedDataset(
        record="InstructionPair", filepath=path, most_dropped=0.3, dropped=str(tmp_path / "dropped.jsonl")
    ).load()
    assert len(kept) == 2  # one of the four is a copy
    assert "1 of 4 rows are dropped: 1 no-response, such as" in caplog.text
    dropped = RecordsDataset(filepath=str(tmp_path / "dropped.jsonl"), record="Dropped").load()
    assert [one.reason for one in dropped] == ["duplicate", "no-response"]
    with pytest.raises(DatasetError, match=r"1 of 4 rows .* more than `most_dropped` of the catalog allows \(20%\)"):
        ImportedDataset(record="InstructionPair", filepath=path).load()


def test_data_of_another_kind_is_named(lines):
    with pytest.raises(
        DatasetError, match=r"holds preference pairs \(given_preferences\), and InstructionPair is asked"
    ):
        ImportedDataset(record="InstructionPair", filepath=lines([PREFERENCE])).load()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "either `filepath` or `hub`"),
        ({"filepath": "a", "hub": "b@c"}, "either `filepath` or `hub`"),
        ({"hub": "tatsu-lab/alpaca"}, "must be NAME@REVISION"),
        ({"filepath": "a", "columns": {"instructions": "q"}}, "did you mean instruction"),
        ({"filepath": "a", "format": "alpaka"}, "format 'alpaka' does not exist; there are .*alpaca"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_read(settings, message):
    with pytest.raises(Exception, match=message):
        ImportedDataset(record="InstructionPair", **settings)


def test_it_is_previewed_and_never_written(lines):
    dataset = ImportedDataset(record="InstructionPair", filepath=lines([CHAT]))
    assert dataset.preview(nrows=3)["data"][0][1:3] == ["U", "A"]
    with pytest.raises(DatasetError, match="is only read"):
        dataset.save([])
