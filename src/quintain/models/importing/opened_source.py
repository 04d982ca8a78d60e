"""A fetched model, opened whole: weights as safetensors or GGUF, no code of others."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.errors import ModelError, RecordError
from quintain.models.folder import require_shards
from quintain.models.importing.gguf_header import GgufHeader, read_header
from quintain.models.stated_licence import stated_licence
from quintain.text.json_lines import read_json

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_UNQUANTISED = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}
_ALONE = "model.gguf"


@dataclass(frozen=True, kw_only=True)
class OpenedSource:
    """A model with its tokenizer, as somebody else made them."""

    model: "PreTrainedModel"
    """The weights."""
    tokenizer: "PreTrainedTokenizerBase"
    """The tokenizer."""
    stored_as: str
    """Number format of the source."""
    licence: str
    """Licence that the model states; empty: none."""
    adds_bos: bool
    """True when a text of this model begins with the beginning-of-sequence token."""
    end_ids: tuple[int, ...]
    """Ids of end tokens that the source names beside the tokenizer's."""
    unused: tuple[str, ...]
    """Names of weights in the source that the model has no place for."""


def open_source(place: Path, dtype: str) -> OpenedSource:
    """Open a fetched model.

    Args:
        place: Folder in Hugging Face layout, or a GGUF file.
        dtype: Number format to open the weights in; `auto`: as they are stored, and quantised ones in bfloat16.

    Returns:
        Model and tokenizer.

    Raises:
        ModelError: A part is missing, does not fit or cannot be read, or the model would need code of others.
    """
    return _open_folder(place, dtype) if place.is_dir() else _open_gguf(place, dtype)


def _open_folder(folder: Path, dtype: str) -> OpenedSource:
    config = _described(folder / "config.json")
    if quantised := config.get("quantization_config"):
        raise ModelError(
            f"{folder} is quantised ({quantised.get('quant_method', 'config.json names no method')}), and quantised "
            "weights cannot be trained; import the unquantised model that it was made from, or its GGUF file"
        )
    require_shards(folder)
    model, tokenizer, unused = _from_transformers(folder, folder, dtype)
    stored = config.get("dtype") or config.get("torch_dtype") or (config.get("text_config") or {}).get("dtype")
    return OpenedSource(
        model=model,
        tokenizer=tokenizer,
        stored_as=str(stored or str(model.dtype).removeprefix("torch.")),
        licence=stated_licence(folder),
        adds_bos=_adds_bos(tokenizer),
        end_ids=(),
        unused=unused,
    )


def _described(file: Path) -> dict[str, Any]:
    try:
        found = read_json(file)
    except RecordError as error:
        raise ModelError(f"{error}; fetch it again") from None
    if not isinstance(found, dict):
        raise ModelError(f"{file} describes no model; fetch it again")
    return found


def _open_gguf(file: Path, dtype: str) -> OpenedSource:
    header = read_header(file)
    if header.parts > 1:
        raise ModelError(
            f"{file} is one of {header.parts} parts of a model; join them with `llama-gguf-split --merge` of "
            "llama.cpp, and name the whole file"
        )
    if dtype == "auto":
        dtype = _UNQUANTISED.get(header.quantisation, "bfloat16")
    with tempfile.TemporaryDirectory() as alone:  # whatever else lies beside the file is no part of it
        (Path(alone) / _ALONE).symlink_to(file.resolve())
        model, tokenizer, unused = _from_transformers(file, Path(alone), dtype, header)
    _drop_tokens_from(tokenizer, header.vocabulary)
    return OpenedSource(
        model=model,
        tokenizer=tokenizer,
        stored_as=f"GGUF {header.quantisation}",
        licence=header.licence,
        adds_bos=header.adds_bos or _adds_bos(tokenizer),
        end_ids=header.end_ids,
        unused=unused,
    )


def _from_transformers(
    named: Path, folder: Path, dtype: str, header: GgufHeader | None = None
) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase, tuple[str, ...]]":
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils.quantization_config import GgufConfig

    # The whole path: a bare name would be looked for in the working directory first.
    gguf: dict[str, Any] = {"gguf_file": str(folder / _ALONE)} if header else {}
    # Where a kernel for packed weights is installed they would stay packed, and could be neither trained nor saved.
    unpacked: dict[str, Any] = {"quantization_config": GgufConfig(dequantize=True)} if header else {}
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False, **gguf)
        opened: Any = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=dtype,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
            **gguf,
            **unpacked,
        )
    except ImportError as error:
        missing = "gguf" if header and "gguf" in str(error).lower() else ""
        raise ModelError(
            f"{named} could not be opened: {_first_line(error)}"
            + ("; install the package that reads GGUF files: `pip install gguf`" if missing else "")
        ) from error
    except Exception as error:  # of a damaged tokenizer the library raises anything
        family = f" (family {header.architecture})" if header else ""
        raise ModelError(
            f"{named}{family} could not be opened as a language model: {_first_line(error)}; see that it is whole and "
            "that this version of transformers knows its family"
        ) from error
    model, report = opened
    for key, what in (("missing_keys", "lacks"), ("mismatched_keys", "has in another shape")):
        if wrong := sorted(str(each) for each in report[key]):
            raise ModelError(
                f"{named} {what} {len(wrong)} weights of its model, such as {', '.join(wrong[:3])}; fetch it again"
            )
    if header:  # or it would refuse to be saved
        model.hf_quantizer = None
        model.is_quantized = False
        for config in (model.config, model.config.get_text_config()):
            for leftover in ("quantization_config", "_model_name_or_path"):
                config.__dict__.pop(leftover, None)
    return model, tokenizer, tuple(sorted(report["unexpected_keys"]))


def _drop_tokens_from(tokenizer: Any, vocabulary: int) -> None:
    """Take out the tokens that transformers adds to a vocabulary from GGUF that lacks a family's usual ones.

    Nothing was trained for them, and the embedding may have no row for them.
    """
    from tokenizers import Tokenizer

    strangers = {token for token, number in tokenizer.get_vocab().items() if number >= vocabulary}
    if not strangers or not vocabulary:
        return
    backend = json.loads(tokenizer.backend_tokenizer.to_str())
    backend["added_tokens"] = [token for token in backend["added_tokens"] if token["content"] not in strangers]
    if backend["model"].get("unk_token") in strangers:
        backend["model"]["unk_token"] = None
    tokenizer._tokenizer = Tokenizer.from_str(json.dumps(backend))
    for part, token in tokenizer.special_tokens_map.items():
        if isinstance(token, str) and token in strangers:
            setattr(tokenizer, part, None)


def _adds_bos(tokenizer: "PreTrainedTokenizerBase") -> bool:
    return tokenizer.bos_token_id is not None and tokenizer.encode("a")[:1] == [tokenizer.bos_token_id]


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
