"""The Modelfile by which Ollama takes a GGUF file in: template, stops, sampling."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from quintain.errors import ModelError
from quintain.models.chat_rendering import ChatRenderer
from quintain.models.exporting.ollama_template import OllamaTemplate, find_template
from quintain.models.folder import is_adapter
from quintain.models.open_folder import folder_end_tokens, open_tokenizer
from quintain.text.json_lines import read_json

_QUOTES = '"""'


def ollama_template(folder: Path, *, adds_bos: bool) -> OllamaTemplate:
    """The chat template of a folder in Ollama's language.

    Args:
        folder: Whole model in Hugging Face layout.
        adds_bos: Whether the GGUF file says that a text begins with the beginning-of-sequence token.

    Returns:
        The template.

    Raises:
        ModelError: The folder has none, or it cannot be said so.
    """
    tokenizer = open_tokenizer(folder)
    if tokenizer.chat_template is None:
        raise ModelError(f"{folder} has no chat template, and Ollama needs one; `quintain models import` gives it one")
    renderer = ChatRenderer(tokenizer)
    return find_template(
        lambda turns, opened: renderer.render(turns, add_generation_prompt=opened),
        (tokenizer.bos_token or "") if adds_bos else "",
        takes_system=renderer.takes_system,
    )


def modelfile(gguf: str, folder: Path, template: OllamaTemplate, sampling: Mapping[str, float | int]) -> str:
    """Write the Modelfile.

    Args:
        gguf: Name of the GGUF file beside it.
        folder: The model that it was made from, for end tokens and context.
        template: Its chat template.
        sampling: How tokens are drawn: `temperature`, `top_p`, `max_new_tokens`.

    Returns:
        The text.

    Raises:
        ModelError: A text cannot stand in a Modelfile.
    """
    tokenizer = open_tokenizer(folder)
    parameters: list[tuple[str, object]] = [
        ("temperature", sampling["temperature"]),
        ("top_p", sampling["top_p"]),
        ("num_predict", sampling["max_new_tokens"]),
    ]
    if context := _context(folder):
        parameters.append(("num_ctx", context))
    ends = tokenizer.convert_ids_to_tokens(sorted(folder_end_tokens(folder, tokenizer)))
    lines = [f"FROM ./{gguf}", f"TEMPLATE {_quoted(template.go())}"]
    lines += [f"PARAMETER {name} {value}" for name, value in parameters]
    lines += [f"PARAMETER stop {_quoted(end)}" for end in _stops(ends, template)]
    return "\n".join(lines) + "\n"


def _stops(ends: Sequence[str], template: OllamaTemplate) -> list[str]:
    """Texts that end a response: its end tokens, and the mark with which the template closes it."""
    mark = template.around["assistant"][1].strip().partition("\n")[0]
    return list(dict.fromkeys([*ends, *([mark] if mark else [])]))


def _quoted(text: str) -> str:
    if _QUOTES in text or text.endswith('"'):
        raise ModelError(f"{text[:60]!r} cannot stand in a Modelfile, whose texts end with three quotes")
    return f"{_QUOTES}{text}{_QUOTES}"


def _context(folder: Path) -> int | None:
    assert not is_adapter(folder)  # noqa: S101 - GGUF files are made of whole models
    config = read_json(folder / "config.json")
    texts = [config, config.get("text_config") or {}] if isinstance(config, dict) else []
    return next((each["max_position_embeddings"] for each in texts if each.get("max_position_embeddings")), None)
