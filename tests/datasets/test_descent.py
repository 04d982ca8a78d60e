"""A row finds its relatives over all files, in whatever format and order they stand."""

import gzip

import msgspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from quintain.datasets.descent import Source, follow
from quintain.errors import RecordError
from quintain.records import Instruction, InstructionPair, Origin, Response


def write(path, records):
    content = b"".join(msgspec.json.encode(record) + b"\n" for record in records)
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return Source(path, "".join(path.suffixes))


@pytest.fixture
def family(tmp_path):
    """An instruction, its response (made by call c1), and the pair of both; beside them a stranger."""
    asked = Instruction(text="Name the mayor.")
    told = Response(
        instruction_id=asked.id,
        role="teacher",
        text="Ann.",
        finish_reason="stop",
        origin=Origin(parents=("c1", asked.id)),
    )
    pair = InstructionPair(
        instruction="Name the mayor.", response="Ann.", kind="distilled", origin=Origin(parents=(told.id, asked.id))
    )
    stranger = Instruction(text="Something else.")
    table = pa.table({"id": ["exported"], "parents": [[pair.id]], "messages": ["…"]})
    parquet.write_table(table, tmp_path / "export.parquet")
    sources = {  # the pair before what it was made from: one pass is not enough
        "pairs": write(tmp_path / "pairs.jsonl", [pair]),
        "responses": write(tmp_path / "responses.jsonl.gz", [told]),
        "instructions": write(tmp_path / "instructions.jsonl", [asked, stranger]),
        "export": Source(tmp_path / "export.parquet", ".parquet"),
    }
    return asked, told, pair, stranger, sources


def test_a_row_climbs_to_everything_it_was_made_from(family):
    asked, told, pair, stranger, sources = family
    descent = follow(pair.id, sources.values())
    assert descent.parents == {pair.id: (told.id, asked.id), told.id: ("c1", asked.id), asked.id: ()}
    assert stranger.id not in descent.places


def test_a_row_reaches_everything_made_from_it(family):
    asked, told, pair, _, sources = family
    descent = follow(asked.id, sources.values())
    assert descent.descendants == {asked.id, told.id, pair.id, "exported"}
    assert descent.places == {
        asked.id: {sources["instructions"]},
        told.id: {sources["responses"]},
        pair.id: {sources["pairs"]},
        "exported": {sources["export"]},
    }


def test_a_row_that_no_file_holds_has_no_place(family):
    assert follow("nobody", family[-1].values()).places == {}


def test_a_parquet_file_without_ids_holds_no_rows(tmp_path):
    parquet.write_table(pa.table({"text": ["x"]}), tmp_path / "x.parquet")
    assert follow("x", [Source(tmp_path / "x.parquet", ".parquet")]).places == {}


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz"])
def test_a_broken_file_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b'{"id": "a"}\n{"id":')
    with pytest.raises(RecordError, match=name):
        follow("a", [Source(tmp_path / name, name.removeprefix("x"))])
