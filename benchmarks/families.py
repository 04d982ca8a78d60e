"""Every family of language models that transformers knows, small and with random weights: asked, trained, merged.

    python benchmarks/families.py [FAMILY ...] [--to docs/reference/families.md]

Each is built from its configuration class with a few narrow layers, and gets a tokenizer and a chat template that fit
any family. It is asked (six prompts of different lengths in company write what `generate` writes for each alone),
fine-tuned and trained on preferences for two steps, and given an adapter for two steps, which is merged. A family whose
configuration cannot be made small in this way, or that is larger than 30 million parameters even so, is not built.
"""

import argparse
import contextlib
import logging
import random
import re
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MOST_PARAMETERS = 30_000_000
PARTS = ("asked", "fine-tuned", "preferences", "adapter, merged")
SECONDS = 60
"""Longest time of one family's part."""
_VOCABULARY = 1_024
_LIMITS = [5, 9, 3, 7, 8, 4]
_NARROW = {
    "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2,
    "intermediate_size": 48, "max_position_embeddings": 256, "initializer_range": 0.3,
}  # fmt: skip
_DEEPER = {
    "num_hidden_layers": 4, "num_key_value_heads": 4, "head_dim": 8, "full_attention_interval": 2,
    "attn_layer_period": 2, "attn_layer_offset": 1, "rotary_dim": 4, "linear_num_key_heads": 2,
    "linear_num_value_heads": 2, "linear_key_head_dim": 8, "linear_value_head_dim": 8, "mamba_d_state": 4,
}  # fmt: skip
_OF_FAMILIES = {
    "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 256, "d_model": 32, "ffn_dim": 48,
    "moe_intermediate_size": 16, "num_experts": 4, "num_local_experts": 4, "n_routed_experts": 4,
    "num_experts_per_tok": 2, "first_k_dense_replace": 1, "n_group": 1, "topk_group": 1, "q_lora_rank": 8,
    "kv_lora_rank": 8, "qk_nope_head_dim": 8, "qk_rope_head_dim": 8, "qk_head_dim": 16, "v_head_dim": 8,
    "vocab_size_per_layer_input": _VOCABULARY, "hidden_size_per_layer_input": 8, "attention_hidden_size": 32,
    "index_n_heads": 2, "index_head_dim": 8, "index_topk": 64,
}  # fmt: skip
_SIZES = (
    _NARROW | _OF_FAMILIES | _DEEPER,
    _NARROW | _OF_FAMILIES | {"head_dim": 8},
    _NARROW | {"head_dim": 8},
    _NARROW,
    _NARROW | {"num_hidden_layers": 8},
)


_PAGE = """# Families of models

{built} of the {all} families that transformers opens as language models, built with a few narrow layers and random
weights ({libraries}; `python benchmarks/families.py --to docs/reference/families.md`, {day}).

- asked: six prompts of different lengths in company write what `generate` writes for each alone;
- fine-tuned, preferences: two steps each, all weights;
- adapter, merged: two steps of `lora: {{r: 2}}`, then one model with the logits of base and adapter.

It says that the code of a family is read rightly here, and nothing about what its models can do.

{table}

Not tried, since they cannot be had this small or are no language models by themselves: {left}.
"""


@dataclass
class Seen:
    """A family and what came of it."""

    family: str
    """Its name, transformers' `model_type`."""
    parts: dict[str, str] = field(default_factory=dict)
    """Part → `yes`, `yes, static batches`, or the reason why not."""


class _NotBuilt(Exception):
    """A family that could not be made small."""


def built(family: str, ends: dict[str, int]) -> Any:
    """Build a small model of a family.

    Args:
        family: Its name.
        ends: Ids of its special tokens.

    Returns:
        The model, in evaluation.

    Raises:
        _NotBuilt: No set of sizes fits, or the smallest is too large, or does not work by itself.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    why = "no sizes fit"
    for sizes in _SIZES:
        try:
            config = AutoConfig.for_model(family, **sizes, vocab_size=_VOCABULARY, **ends)
            with torch.device("meta"):
                parameters = AutoModelForCausalLM.from_config(config).num_parameters()
            if parameters > MOST_PARAMETERS:
                why = f"{parameters / 1e6:,.0f} million parameters"
                continue
            torch.manual_seed(0)
            model = AutoModelForCausalLM.from_config(config).eval()
            _alone(model, [5, 6, 7], 2, ends)
        except Exception as error:  # noqa: BLE001 - whatever a family raises is the reason
            why = _reason(error)
            continue
        return model
    raise _NotBuilt(why)


def asked(model: Any, ends: dict[str, int]) -> str:
    """Ask prompts in company and each alone."""
    from quintain.models.calls import Call
    from quintain.models.decoders import make_decoder
    from quintain.models.interrupts import Interrupts
    from quintain.models.language_model import Sampling
    from quintain.models.rows import Draw, Row
    from quintain.models.static_batches import StaticDecoder
    from quintain.prompts import request

    rng, stop, sampling = random.Random(3), ends["eos_token_id"], Sampling()
    prompts = [[rng.randrange(300, 900) for _ in range(rng.randint(1, 24))] for _ in _LIMITS]
    expected = [_alone(model, ids, limit, ends) for ids, limit in zip(prompts, _LIMITS, strict=True)]
    call = Call(request=request("student/instruction", {"instruction": "Hi"}), sampling=sampling)
    rows = [
        Row(call, ids, limit, {stop}, lambda ids: " ".join(map(str, ids)), Draw(sampling, seed))
        for seed, (ids, limit) in enumerate(zip(prompts, _LIMITS, strict=True))
    ]
    decoder = make_decoder(
        model, Interrupts(model), most_rows=4, most_tokens=4_096, context_tokens=256, end_tokens={stop},
        pad_token=ends["pad_token_id"],
    )  # fmt: skip
    line = iter(rows)
    for _ in decoder.decode(lambda: next(line, None)):
        pass
    same = sum(row.ids == ids for row, ids in zip(rows, expected, strict=True))
    if same < len(rows):
        return f"{same} of {len(rows)} as alone"
    return "yes, static batches" if isinstance(decoder, StaticDecoder) else "yes"


def _alone(model: Any, ids: list[int], limit: int, ends: dict[str, int]) -> list[int]:
    import torch

    row = torch.tensor([ids])
    written = model.generate(
        row, attention_mask=torch.ones_like(row), max_new_tokens=limit, do_sample=False,
        eos_token_id=ends["eos_token_id"], pad_token_id=ends["pad_token_id"],
    )  # fmt: skip
    return list(map(int, written[0, len(ids) :]))


def tuned(folder: Path, scratch: Path, **lora: Any) -> Any:
    """Fine-tune for two steps."""
    from quintain.records import InstructionPair
    from quintain.training.sft import SftParams, fine_tune

    pairs = [InstructionPair(instruction=f"Tell me {n}.", response="Kind.", kind="distilled") for n in range(6)]
    params = SftParams(steps=2, batch_size=2, learning_rate=1e-2, max_length=200, **lora)
    return fine_tune(folder, pairs, params, scratch)


def preferred(folder: Path, scratch: Path) -> str:
    """Train on preferences for two steps."""
    from quintain.records import PreferencePair
    from quintain.training.preference.params import PreferenceParams
    from quintain.training.preference.tokenized_pairs import TokenizationParams, tokenize_pairs
    from quintain.training.preference.train import train_on_preferences
    from quintain.training.row_rendering import encoder_of_folder

    pairs = [PreferencePair(prompt=f"Tell me {n}.", chosen="Kind.", rejected="A dash.") for n in range(6)]
    rows, _ = tokenize_pairs(encoder_of_folder(folder), pairs, TokenizationParams(max_length=200))
    train_on_preferences(folder, rows, PreferenceParams(steps=2, batch_size=2, learning_rate=1e-3), scratch)
    return "yes"


def merged(folder: Path, scratch: Path) -> str:
    """Train an adapter on the layers that it gets by default, save it, and merge it."""
    from quintain.datasets.adapter import save_adapter
    from quintain.models.exporting.merging import merge_adapter

    trained = tuned(folder, scratch / "adapter-training", lora={"r": 2})
    adapter = scratch / "adapter"
    adapter.mkdir()
    save_adapter(trained.model, adapter)
    trained.tokenizer.save_pretrained(adapter)
    merge_adapter(adapter, scratch / "merged")
    return "yes"


def look_at(family: str, tokenizer: Any) -> Seen:
    """Build a family and try every part."""
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    ends = {"eos_token_id": end, "pad_token_id": end}
    seen = Seen(family)
    with tempfile.TemporaryDirectory() as place:
        folder, scratch = Path(place) / "model", Path(place) / "scratch"
        try:
            with _at_most(SECONDS):
                model = built(family, ends)
                model.save_pretrained(folder)
                tokenizer.save_pretrained(folder)
        except Exception as error:  # noqa: BLE001 - whatever a family raises is the reason
            seen.parts["built"] = str(error) if isinstance(error, _NotBuilt) else _reason(error)
            return seen
        tries_of: list[Callable[[], str]] = [
            lambda: asked(model, ends),
            lambda: "yes" if tuned(folder, scratch / "whole") else "",
            lambda: preferred(folder, scratch / "preferences"),
            lambda: merged(folder, scratch),
        ]
        for part, tries in zip(PARTS, tries_of, strict=True):
            try:
                with _at_most(SECONDS):
                    seen.parts[part] = tries()
            except Exception as error:  # noqa: BLE001 - whatever a family raises is the reason
                seen.parts[part] = _reason(error)
    return seen


@contextlib.contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def late(*_: object) -> None:
        raise TimeoutError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _reason(error: BaseException) -> str:
    said = re.sub(r"\S*/scratch/", "", next(iter(str(error).strip().splitlines()), ""))
    return f"{type(error).__name__}: {said}"[:160].replace("|", "/")


def page(seen: list[Seen]) -> str:
    """A page with a row for each outcome and the families that have it, those with most first."""
    by_outcome: dict[tuple[str, ...], list[str]] = {}
    for each in seen:
        if "built" not in each.parts:
            by_outcome.setdefault(tuple(each.parts[part] for part in PARTS), []).append(each.family)
    rows = sorted(by_outcome.items(), key=lambda row: -len(row[1]))
    table = [
        f"| {' | '.join(PARTS)} | families |",
        "|---" * (len(PARTS) + 1) + "|",
        *(f"| {' | '.join(outcome)} | {', '.join(families)} |" for outcome, families in rows),
    ]
    return _PAGE.format(
        built=sum(len(families) for _, families in rows),
        all=len(seen),
        day=date.today(),
        libraries=", ".join(f"{name} {version(name)}" for name in ("transformers", "torch", "trl", "peft")),
        table="\n".join(table),
        left=", ".join(each.family for each in seen if "built" in each.parts),
    )


def main() -> None:
    """Look at all families, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("family", nargs="*")
    parser.add_argument("--to", type=Path, help="file that gets the page")
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    import torch
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    from tests.templates import tokenizer_for

    torch.set_num_threads(1)
    tokenizer = tokenizer_for("qwen2_5")
    seen = []
    for family in given.family or sorted(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES):
        seen.append(look_at(family, tokenizer))
        sys.stderr.write(f"{family}: {seen[-1].parts}\n")
    written = page(seen)
    if given.to:
        given.to.write_text(written, encoding="utf-8")
    sys.stdout.write(written)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
