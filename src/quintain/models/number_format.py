"""Number format in which a model computes, and the one in which it is stored."""

import json
from pathlib import Path

from quintain.processors import computes_bfloat16


def number_format(asked: str, device: str = "") -> str:
    """Name of the number format for a device.

    Args:
        asked: A number format, or `auto`: bfloat16 where the device computes in it, float32 elsewhere.
        device: Torch device; by default a GPU where there is one.

    Returns:
        `float32`, `bfloat16` or `float16`.
    """
    if asked != "auto":
        return asked
    return "bfloat16" if computes_bfloat16(device) else "float32"


def stored_format(folder: Path) -> str:
    """Number format of the weights in a folder of a whole model; float32 where nothing says it."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    text = config.get("text_config") or {}
    named = (each.get(name) for each in (config, text) for name in ("dtype", "torch_dtype"))
    return next((name for name in named if isinstance(name, str)), "float32")
