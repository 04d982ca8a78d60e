"""Metadata at the head of a GGUF file, read without its tensors and without a library."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from quintain.errors import ModelError

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_STRING, _ARRAY = 8, 9
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
# `general.file_type` of llama.cpp: the formats that are not quantised, and the names of the usual others.
_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 32: "BF16",
}  # fmt: skip
_LONGEST_NAME = 1 << 16
_LONGEST_TEXT = 1 << 26


@dataclass(frozen=True)
class GgufHeader:
    """Facts that a GGUF file states about its model."""

    architecture: str
    """Family, as llama.cpp names it."""
    quantisation: str
    """Number format of most weights, such as `Q4_1`."""
    licence: str
    """Licence; empty when it is not stated."""
    adds_bos: bool
    """True when a text shall begin with the beginning-of-sequence token."""
    end_ids: tuple[int, ...]
    """Ids of the tokens that end a sequence or a turn."""
    vocabulary: int
    """Tokens."""
    parts: int
    """Number of files that the model is split into."""
    template: str = ""
    """Chat template; empty when it has none."""


def read_header(file: Path) -> GgufHeader:
    """Read the metadata of a GGUF file.

    Args:
        file: The file.

    Returns:
        What it states.

    Raises:
        ModelError: It is no GGUF file, is cut short, or says nothing of its architecture.
    """
    try:
        with file.open("rb") as opened:
            values = _values(opened)
    except (struct.error, UnicodeDecodeError, ValueError, OSError) as error:
        raise ModelError(f"{file} could not be read as GGUF: {error}; fetch it again, or name another file") from error
    if not isinstance(architecture := values.get("general.architecture"), str):
        raise ModelError(f"{file} does not name its architecture (general.architecture); name another file")
    file_type = values.get("general.file_type")
    ids = (values.get(f"tokenizer.ggml.{name}_token_id") for name in ("eos", "eot", "eom"))
    return GgufHeader(
        architecture=architecture,
        quantisation=_FILE_TYPES.get(file_type, f"file type {file_type}") if file_type is not None else "not stated",
        licence=str(values.get("general.license") or ""),
        adds_bos=values.get("tokenizer.ggml.add_bos_token") is True,
        end_ids=tuple(dict.fromkeys(each for each in ids if isinstance(each, int))),
        vocabulary=int(values.get("tokenizer.ggml.tokens") or 0),
        parts=int(values.get("split.count") or 1),
        template=str(values.get("tokenizer.chat_template") or ""),
    )


def _values(file: IO[bytes]) -> dict[str, Any]:
    if _exactly(file, 4) != _MAGIC:
        raise ValueError("it does not begin with the letters GGUF")
    version, _, entries = struct.unpack("<IQQ", _exactly(file, 20))
    if version not in _VERSIONS:
        raise ValueError(f"its version is {version}, and {' and '.join(map(str, _VERSIONS))} are read")
    found = {}
    for _ in range(entries):
        key = _text(file, _LONGEST_NAME)
        found[key] = _value(file, *struct.unpack("<I", _exactly(file, 4)))
    return found


def _value(file: IO[bytes], kind: int) -> Any:
    """One value; an array gives its length, since a vocabulary is not asked for here."""
    if kind == _STRING:
        return _text(file, _LONGEST_TEXT)
    if kind == _ARRAY:
        element, count = struct.unpack("<IQ", _exactly(file, 12))
        if element == _STRING:
            for _ in range(count):
                _text(file, _LONGEST_TEXT)
        elif element == _ARRAY:
            for _ in range(count):
                _value(file, _ARRAY)
        else:
            file.seek(count * struct.calcsize(_number(element)), 1)
        return count
    return struct.unpack(_number(kind), _exactly(file, struct.calcsize(_number(kind))))[0]


def _number(kind: int) -> str:
    if kind not in _NUMBERS:
        raise ValueError(f"it holds a value of the unknown type {kind}")
    return "<" + _NUMBERS[kind]


def _text(file: IO[bytes], longest: int) -> str:
    (length,) = struct.unpack("<Q", _exactly(file, 8))
    if length > longest:
        raise ValueError(f"a text of {length} bytes stands where at most {longest} belong")
    return _exactly(file, length).decode("utf-8", errors="replace")


def _exactly(file: IO[bytes], count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise ValueError("it ends in the middle of its head")
    return data
