import struct

import pytest

from quintain.errors import ModelError
from quintain.models.importing.gguf_header import GgufHeader, read_header


def text(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()


def entry(key, kind, payload):
    return text(key) + struct.pack("<I", kind) + payload


def gguf(*entries, version=3):
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(entries)) + b"".join(entries)


WORDS = struct.pack("<IQ", 8, 2) + text("a") + text("b")
NUMBERS = struct.pack("<IQ", 5, 3) + struct.pack("<3i", 1, 2, 3)
WHOLE = gguf(
    entry("general.architecture", 8, text("llama")),
    entry("tokenizer.ggml.tokens", 9, WORDS),
    entry("tokenizer.ggml.token_type", 9, NUMBERS),
    entry("general.file_type", 4, struct.pack("<I", 3)),
    entry("general.license", 8, text("apache-2.0")),
    entry("tokenizer.ggml.add_bos_token", 7, b"\x01"),
    entry("tokenizer.ggml.eos_token_id", 4, struct.pack("<I", 2)),
    entry("tokenizer.ggml.eot_token_id", 4, struct.pack("<I", 7)),
)


def test_the_head_is_read_past_its_arrays(tmp_path):
    (tmp_path / "m.gguf").write_bytes(WHOLE)
    assert read_header(tmp_path / "m.gguf") == GgufHeader(
        architecture="llama",
        quantisation="Q4_1",
        licence="apache-2.0",
        adds_bos=True,
        end_ids=(2, 7),
        vocabulary=2,
        parts=1,
    )


@pytest.mark.parametrize("cut", range(0, len(WHOLE), 7))
def test_a_file_that_is_cut_short_is_an_error_wherever_it_ends(tmp_path, cut):
    (tmp_path / "m.gguf").write_bytes(WHOLE[:cut])
    with pytest.raises(ModelError, match=r"m\.gguf could not be read as GGUF: it (ends|does not begin)"):
        read_header(tmp_path / "m.gguf")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04" + b"\0" * 40, "does not begin with the letters GGUF"),
        (gguf(version=1), "its version is 1, and 2 and 3 are read"),
        (gguf(entry("general.name", 99, b"")), "a value of the unknown type 99"),
        (gguf(struct.pack("<Q", 1 << 60)), "a text of .* bytes stands where"),
        (gguf(entry("general.name", 8, text("x"))), r"does not name its architecture"),
    ],
)
def test_what_is_no_model_in_gguf_is_one_error(tmp_path, data, why):
    (tmp_path / "m.gguf").write_bytes(data)
    with pytest.raises(ModelError, match=why):
        read_header(tmp_path / "m.gguf")
