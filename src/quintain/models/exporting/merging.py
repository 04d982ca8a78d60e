"""An adapter merged into its base: kept only when the merged model says what the two said together."""

import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quintain.errors import ModelError
from quintain.models.exporting.agreement import logits_of, probe_rows, spread
from quintain.models.finite import require_finite
from quintain.models.folder import base_of, model_files
from quintain.models.importing.checks import embedding_rows
from quintain.models.number_format import stored_format
from quintain.models.open_folder import open_tokenizer, open_weights, opening
from quintain.text.json_lines import read_json

_NOISE = 1e-3
"""Share of the logits' own spread below which a difference is that of another order of additions."""
_LOST = 0.1
"""Largest share of what an adapter does that may get lost by merging."""
_WEIGHTS = (".safetensors", ".safetensors.index.json")


@dataclass(frozen=True)
class Merged:
    """Measurements of a merge, as root mean squares over the logits of the probe."""

    effect: float
    """Difference between the base with and without its adapter."""
    error: float
    """Difference between the merged model and the two together."""
    spread: float
    """The logits themselves."""
    number_format: str
    """Number format of the merged weights."""
    untied: bool
    """Whether input and output embedding were one in the base and are two now."""

    @property
    def agrees(self) -> bool:
        """True when nothing that matters got lost."""
        return self.error <= max(_NOISE * self.spread, _LOST * self.effect)


def merge_adapter(folder: Path, target: Path, dtype: str = "auto") -> Merged:
    """Merge an adapter into its base, and compare the logits of the folder that was made with those before.

    Args:
        folder: The adapter.
        target: New folder for the whole model, with tokenizer, chat template and end tokens.
        dtype: Number format of the weights; `auto`: the base's.

    Returns:
        What was measured.

    Raises:
        ModelError: The base is missing, quantised or another one; the adapter is of a kind that cannot be merged, or
            its merged weights say something else than the two together.
    """
    import torch

    base = base_of(folder)
    _require_plain(base)
    tokenizer = open_tokenizer(folder if _has_tokenizer(folder) else base)
    wanted = stored_format(base) if dtype == "auto" else dtype
    with torch.no_grad(), warnings.catch_warnings():
        # PEFT warns of tied embeddings and of what it does about them; the logits tell whether it is right.
        warnings.simplefilter("ignore")
        model = open_weights(folder, torch.float32, purpose="an adapter").eval()
        if not hasattr(model, "merge_and_unload"):
            raise ModelError(_no_merge(folder, model, "it adds to the prompt, not to the weights"))
        rows = probe_rows(tokenizer, embedding_rows(model))
        together = logits_of(model, rows)
        with model.disable_adapter():
            effect = spread(together - logits_of(model, rows))
        was_tied = _untie_if_trained(model.get_base_model())
        whole = _merged(model, folder)
        untied = was_tied and not _is_tied(whole)
        if untied:
            for config in {id(each): each for each in (whole.config, whole.config.get_text_config())}.values():
                config.tie_word_embeddings = False
        with opening(target, "a merged model"):
            whole.to(getattr(torch, wanted)).save_pretrained(target)
        del model, whole
        _copy_beside(folder, base, target)
        require_finite(target)
        again = logits_of(open_weights(target, torch.float32).eval(), rows)
    merged = Merged(effect, spread(again - together), spread(together), wanted, untied)
    if not merged.agrees:
        raise ModelError(_disagreement(folder, merged))
    return merged


def _require_plain(base: Path) -> None:
    config = read_json(base / "config.json")
    if isinstance(config, dict) and (packed := config.get("quantization_config")):
        named = packed.get("quant_method", "a method that is not named") if isinstance(packed, dict) else packed
        raise ModelError(
            f"{base}/config.json: the base is quantised ({named}), and merging into packed weights would round the "
            "adapter away; put the unquantised model that it was made from in its place, or hand out the adapter as it "
            "is (without --merge)"
        )


def _has_tokenizer(folder: Path) -> bool:
    return any((folder / name).is_file() for name in ("tokenizer.json", "tokenizer.model", "tokenizer_config.json"))


def _merged(model: Any, folder: Path) -> Any:
    try:
        return model.merge_and_unload(safe_merge=True)
    except (AttributeError, NotImplementedError, ValueError, TypeError) as error:
        raise ModelError(_no_merge(folder, model, str(error))) from error


def _no_merge(folder: Path, model: Any, why: str) -> str:
    kinds = ", ".join(str(getattr(each.peft_type, "value", each.peft_type)) for each in model.peft_config.values())
    return f"{folder} is an adapter that cannot be merged ({kinds}): {why}; hand it out as it is, without --merge"


def _is_tied(model: Any) -> bool:
    ins, outs = model.get_input_embeddings(), model.get_output_embeddings()
    return outs is not None and _plain(ins).weight.data_ptr() == _plain(outs).weight.data_ptr()


def _untie_if_trained(base: Any) -> bool:
    """Give a trained embedding weights of its own where both ends share one; tells whether they did."""
    import torch

    if not _is_tied(base):
        return False
    ins, outs = base.get_input_embeddings(), base.get_output_embeddings()
    if _plain(ins) is not ins or _plain(outs) is not outs:
        plain = _plain(outs)
        plain.weight = torch.nn.Parameter(plain.weight.detach().clone(), requires_grad=False)
    return True


def _plain(module: Any) -> Any:
    """The module of the base under what an adapter put around it."""
    for name in ("base_layer", "original_module"):
        while (inner := getattr(module, name, None)) is not None:
            module = inner
    return module


def _copy_beside(folder: Path, base: Path, target: Path) -> None:
    """Tokenizer, chat template and terms: the adapter's own, and the base's where it has none."""
    source = folder if _has_tokenizer(folder) else base
    for path in model_files(source):
        named = path.name.startswith(("adapter_", "base_model", "config", "generation_config", "model"))
        if not path.name.endswith(_WEIGHTS) and not named:
            shutil.copyfile(path, target / path.name)
    for home in (base, folder):
        for terms in (*home.glob("LICENSE*"), *home.glob("NOTICE*")):
            if terms.is_file():
                shutil.copyfile(terms, target / terms.name)


def _disagreement(folder: Path, merged: Merged) -> str:
    lost = merged.error / merged.effect if merged.effect else float("inf")
    why = (
        f"in {merged.number_format} too little of it is left; --dtype float32 keeps it"
        if merged.number_format != "float32"
        else "the merged weights are not the two together, so nothing was made of them"
    )
    return (
        f"{folder} is not merged: its logits differ from those of base and adapter together by {merged.error:.3g}, "
        f"which is {lost:.0%} of what the adapter does ({merged.effect:.3g}; at most {_LOST:.0%}): {why}. Hand the "
        "adapter out as it is, without --merge"
    )
