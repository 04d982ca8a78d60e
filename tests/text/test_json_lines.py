"""One reader of lines: what is a line, and what is said of one that is no record."""

import io
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.io import DatasetError

from quintain.benchmarks.constraints import read_items
from quintain.benchmarks.decontamination import read_pack
from quintain.benchmarks.verifiable.prompts import read_prompts
from quintain.cli.edit import EditLine
from quintain.cli.json_lines import read_lines
from quintain.datasets import EditCasesDataset, PreferencePairsDataset, RecordsDataset
from quintain.errors import RecordError
from quintain.text import json_lines
from quintain.text.json_lines import UnreadableLineError, decode_line, lines, read_json, read_json_lines, read_line

SOURCE = Path(__file__).parents[2] / "src" / "quintain"
ODD_LINES = {
    "not UTF-8": b'{"a": "\xff"}',
    "half a character": b'{"a": "\xed\xa0\x80"}',
    "no JSON": b'{"a": ',
    "nested": b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "digits": b'{"a": ' + b"9" * 5000 + b"}",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
}
READERS = {
    "command": lambda path: read_lines(path, EditLine),
    "items": read_items,
    "pack": read_pack,
    "prompts": read_prompts,
    "edits": lambda path: EditCasesDataset(filepath=str(path)).load(),
    "pairs": lambda path: PreferencePairsDataset(filepath=str(path)).load(),
    "records": lambda path: RecordsDataset(filepath=str(path), record="WebPage").load(),
}


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1), max_size=5))
def test_only_a_line_feed_ends_a_line(texts):
    file = io.BytesIO("\r\n".join(texts).encode())
    expected = [text.removeprefix("\ufeff") if place == 0 else text for place, text in enumerate(texts)]
    assert [line.decode() for _, line in lines(file)] == expected


def test_the_mark_before_the_first_line_is_no_part_of_it(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('\ufeff{"a": "one\u2028two"}\n\n{"a": 2}', encoding="utf-8")
    assert list(read_json_lines(path, json.loads)) == [(1, {"a": "one\u2028two"}), (3, {"a": 2})]
    (tmp_path / "a.json").write_text("\ufeff[1]", encoding="utf-8")
    assert read_json(tmp_path / "a.json") == [1]


@pytest.mark.parametrize("odd", ODD_LINES)
@pytest.mark.parametrize(
    "decode", [json.loads, msgspec.json.Decoder(dict[str, object]).decode], ids=["json", "msgspec"]
)
def test_whatever_is_wrong_with_a_line_is_one_error(odd, decode):
    with pytest.raises(UnreadableLineError):
        decode_line(ODD_LINES[odd], decode)


@pytest.mark.parametrize("odd", ODD_LINES)
@pytest.mark.parametrize("reader", READERS)
def test_every_reader_of_lines_names_file_and_line(tmp_path, reader, odd):
    path = tmp_path / "given.jsonl"
    path.write_bytes(ODD_LINES[odd] + b"\n")
    with pytest.raises((RecordError, ValueError, DatasetError), match=r"given\.jsonl, line 1"):
        READERS[reader](path)


def test_a_line_over_the_limit_is_named_and_never_held_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(json_lines, "LINE_BYTES", 100)
    (tmp_path / "a.jsonl").write_bytes(b"1\n" + b"2" * 200 + b"\n3\n")
    read = read_json_lines(tmp_path / "a.jsonl", json.loads)
    assert next(read) == (1, 1)
    with pytest.raises(RecordError, match=r"a\.jsonl, line 2 is longer than 100 bytes \(LINE_BYTES\)"):
        next(read)
    file = io.BytesIO(b"2" * 200 + b"\n3\n")
    assert len(read_line(file, 100)) == 101
    assert read_line(file, 100) == b"3\n"


def test_nobody_else_cuts_the_bytes_of_strangers_into_lines():
    readers = ["web", "text", "benchmarks", "methods", "edit_memory", "datasets", "cli"]
    found = {
        f"{path.relative_to(SOURCE)}: {line.strip()}"
        for folder in readers
        for path in (SOURCE / folder).rglob("*.py")
        for line in path.read_text().split("\n")
        if ".splitlines(" in line
    }
    # What remains are messages of errors, texts that were decoded before, and files of our own.
    allowed = ("str(error).splitlines()", "response.splitlines()", "target.splitlines()", "self.text.splitlines()")
    own = ("cli/new.py", "cli/dvc_sync.py")
    assert [one for one in found if not one.startswith(own) and not any(mark in one for mark in allowed)] == []
