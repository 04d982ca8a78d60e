"""Lines that other programs wrote are read as they were meant."""

from dataclasses import dataclass

import pytest

from quintain.cli.json_lines import read_foreign_lines
from quintain.errors import RecordError


@dataclass(frozen=True)
class Said:
    key: int | str | None = None
    response: str | None = None


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (b'{"key": 7.0, "response": NaN}', Said(7)),  # pandas, where a column has gaps
        (b'{"key": NaN, "response": "a", "score": Infinity}', Said(None, "a")),
        (rb'{"key": "7", "response": "a\ud83d"}', Said("7", "a\ufffd")),  # cut in the middle of an emoji
        (rb'{"response": "\ud83d\ude00"}', Said(None, "\U0001f600")),
        (b"\xef\xbb\xbf" + '{"response": "one\u2028two"}\r\n\r\n'.encode(), Said(None, "one\u2028two")),
    ],
)
def test_what_other_programs_write_is_read(tmp_path, line, read):
    (tmp_path / "a.jsonl").write_bytes(line + b"\n")
    assert read_foreign_lines(tmp_path / "a.jsonl", Said) == [read]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"key": 7.5}', "Expected `int | str | null`, got `float`"),
        (b'{"response": ["a"]}', r"a.jsonl, line 2: Expected `str \| null`, got `array` - at `\$.response`"),
        (b'{"response": "a"', "line 2: Input data was truncated"),
        (b"[1]", "line 2: Expected `object`, got `array`"),
    ],
)
def test_what_is_no_such_line_names_the_place(tmp_path, line, message):
    (tmp_path / "a.jsonl").write_bytes(b'{"key": 1}\n' + line + b"\n")
    with pytest.raises(RecordError, match=message):
        read_foreign_lines(tmp_path / "a.jsonl", Said)
