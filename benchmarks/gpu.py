"""Training and generation on one GPU beside their peers, each in the same process, in at most 8 minutes.

    python benchmarks/gpu.py [--tiny] [--json FILE]

Random Llamas of 0.5 and 1.5 billion parameters at 2,048 tokens: fine-tuning and DPO-BMC beside bare TRL, generation
beside `generate`; then an almanac student of 10 million parameters that learns to follow constraints. No network, no
files but a temporary folder. `--tiny` runs every line of it on a processor, at sizes that measure nothing.

Tokens are those that are not padding. What a step costs is the median over the steps after the first ones, in which
kernels are compiled. MFU = tokens/s × FLOPs a token / peak, with

    FLOPs a token of fine-tuning = 6 (N + V D s) + 6 L D T    (forward 2, backward 4; causal attention at half of T²)

N the weights of the layers, V D those of the head, s the share of tokens that is learned (others are never projected),
L layers of width D, T the mean length of a row. DPO adds a third for a reference that is asked at every step. The peak
is 989 TFLOP/s, an H200's or H100's dense bfloat16; MFU on another card is a share of that number.
"""

import dataclasses
import json
import logging
import random
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import torch
from gpu_shapes import FULL, TINY, Shape, Sizes, save_random
from gpu_steps import PEAK_FLOPS, watched

from quintain import offline
from quintain.almanac.checks import check
from quintain.almanac.corpus import chat
from quintain.almanac.pack import build_pack
from quintain.almanac.world import WorldParams, make_world
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request
from quintain.records import InstructionPair, PreferencePair

AIM = 0.40
SECONDS = 480.0
"""Longest run of all; what would begin after three quarters of it is left out, and said."""


def texts(count: int) -> list[tuple[str, str]]:
    """Instructions of the almanac and responses to them."""
    world, rng = make_world(WorldParams()), random.Random(0)
    said = (chat(world, rng) for _ in range(count))
    return [(one.instruction, one.text) for one in said]


def long_text(rng: random.Random, said: list[tuple[str, str]], tokenizer: Any, tokens: int) -> str:
    """A text of at most so many tokens."""
    found: list[str] = []
    left = tokens
    while left > 0:
        found.append(rng.choice(said)[1])
        left -= len(tokenizer(found[-1], add_special_tokens=False)["input_ids"]) + 2
    return "\n".join(found[:-1]) or found[0]


def trl_settings(sizes: Sizes, rows: int, scratch: Path) -> dict[str, Any]:
    """TRL as it comes, but for what cannot be measured or stored."""
    on_gpu = torch.cuda.is_available()
    return {
        "output_dir": str(scratch), "max_steps": sizes.steps, "per_device_train_batch_size": rows, "bf16": True,
        "use_cpu": not on_gpu, "activation_checkpointing": False, "max_length": sizes.context, "save_strategy": "no",
        "report_to": "none", "disable_tqdm": True, "dataloader_pin_memory": on_gpu, "learning_rate": 1e-5,
    }  # fmt: skip


def fine_tuning(folder: Path, shape: Shape, pairs: list[InstructionPair], sizes: Sizes, scratch: Path) -> list[Any]:
    """Ours, padded and packed, and TRL's: tokens/s and MFU."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback
    from trl import SFTConfig, SFTTrainer

    from quintain.training.sft import SftParams, fine_tune

    params = SftParams(
        steps=sizes.steps, batch_size=sizes.rows, learning_rate=1e-5, max_length=sizes.context, dtype="bfloat16",
        checkpoint_steps=10_000,
    )  # fmt: skip
    found = []
    ways: dict[str, dict[str, Any]] = {"padded": {}, "packed": {"packing": True}}
    for name, settings in ways.items():
        with watched(SFTTrainer, sizes.warm_up) as steps:
            fine_tune(folder, pairs, dataclasses.replace(params, **settings), scratch / f"ours-{name}")
        found.append((f"SFT {shape.name}, {name}", steps.tokens_per_second, steps.mfu(shape, 6)))
    rows = [
        {
            "prompt": [{"role": "user", "content": pair.instruction}],
            "completion": [{"role": "assistant", "content": pair.response}],
        }
        for pair in pairs
    ]
    with watched(SFTTrainer, sizes.warm_up) as steps:
        trainer = SFTTrainer(
            model=AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
            args=SFTConfig(**trl_settings(sizes, sizes.rows, scratch / "trl")),
            train_dataset=Dataset.from_list(rows),
            processing_class=AutoTokenizer.from_pretrained(folder),
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return [*found, (f"SFT {shape.name}, TRL", steps.tokens_per_second, steps.mfu(shape, 6))]


def preferences(folder: Path, shape: Shape, pairs: list[PreferencePair], sizes: Sizes, scratch: Path) -> list[Any]:
    """DPO-BMC with a cached and with a live reference, and TRL's DPO."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback
    from trl import DPOConfig, DPOTrainer

    from quintain.training.preference.params import PreferenceParams, ReferencePass
    from quintain.training.preference.tokenized_pairs import TokenizationParams, tokenize_pairs
    from quintain.training.preference.train import train_on_preferences
    from quintain.training.row_rendering import encoder_of

    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows, _ = tokenize_pairs(encoder_of(tokenizer), pairs, TokenizationParams(max_length=sizes.context))
    found = []
    passes_of: dict[ReferencePass, int] = {"cached": 6, "live": 8}
    for reference, passes in passes_of.items():
        params = PreferenceParams(
            steps=sizes.steps, batch_size=sizes.pairs, learning_rate=1e-6, dtype="bfloat16", reference=reference,
            checkpoint_steps=10_000,
        )  # fmt: skip
        with watched(DPOTrainer, sizes.warm_up) as steps:
            train_on_preferences(folder, rows, params, scratch / f"ours-{reference}")
        found.append((f"DPO-BMC {shape.name}, {reference}", steps.tokens_per_second, steps.mfu(shape, passes)))
    kept = {row.pair_id for row in rows}
    chats = [
        {
            side: [{"role": role, "content": getattr(pair, side)}]
            for side, role in (("prompt", "user"), ("chosen", "assistant"), ("rejected", "assistant"))
        }
        for pair in pairs
        if pair.id in kept
    ]

    def model() -> Any:
        return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)

    with watched(DPOTrainer, sizes.warm_up) as steps:
        trainer = DPOTrainer(
            model=model(), ref_model=model(), args=DPOConfig(**trl_settings(sizes, sizes.pairs, scratch / "trl")),
            train_dataset=Dataset.from_list(chats), processing_class=tokenizer,
        )  # fmt: skip
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return [*found, (f"DPO {shape.name}, TRL", steps.tokens_per_second, steps.mfu(shape, 8))]


def generation(folder: Path, shape: Shape, prompts: list[str], sizes: Sizes) -> list[Any]:
    """LocalModel's new tokens/s, and those of `generate` with all prompts in one batch."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    sampling = Sampling(temperature=0.0, top_p=1.0, max_new_tokens=sizes.new_tokens, seed=0)
    ours = LocalModel(folder, sampling, device=device, dtype="bfloat16")
    requests = [request("student/instruction", {"instruction": prompt}) for prompt in prompts]
    ours.generate(requests[:2])
    start = time.perf_counter()
    tokens = sum(each.completion_tokens for each in ours.generate(requests))
    found = [(f"generation {shape.name}, LocalModel", tokens / (time.perf_counter() - start), None)]
    model, tokenizer = ours._model, ours._tokenizer
    tokenizer.padding_side = "left"
    chats = [
        tokenizer.apply_chat_template([{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False)
        for prompt in prompts
    ]
    batch = tokenizer(chats, add_special_tokens=False, padding=True, return_tensors="pt").to(device)
    batch.pop("token_type_ids", None)
    start = time.perf_counter()
    with torch.inference_mode():
        rows = model.generate(**batch, max_new_tokens=sizes.new_tokens, do_sample=False)
    new = rows[:, batch["input_ids"].shape[1] :]
    ends = torch.tensor(sorted(ours._stops), device=new.device)
    written = int((torch.isin(new, ends).cumsum(1) == 0).sum()) + int(torch.isin(new, ends).any(1).sum())
    return [*found, (f"generation {shape.name}, generate", written / (time.perf_counter() - start), None)]


def almanac(tokenizer: Any, sizes: Sizes, scratch: Path) -> dict[str, Any]:
    """An almanac student larger than the embedded one: trained on chats from random weights, then asked the pack."""
    from quintain.training.sft import SftParams, fine_tune

    world = make_world(WorldParams())
    folder = save_random(sizes.student, tokenizer, 256, scratch / "student")
    told = texts(20 * sizes.student_steps)
    pairs = [InstructionPair(instruction=asked, response=text, kind="distilled") for asked, text in told]
    params = SftParams(
        steps=sizes.student_steps, batch_size=sizes.student_rows // 8 or 1, learning_rate=1e-3, max_length=1024,
        packing=True, dtype="bfloat16", checkpoint_steps=10_000,
    )  # fmt: skip
    start = time.perf_counter()
    trained = fine_tune(folder, pairs, params, scratch / "almanac")
    seconds = time.perf_counter() - start
    trained.model.cpu().save_pretrained(scratch / "trained")
    trained.tokenizer.save_pretrained(scratch / "trained")
    items = build_pack(world, groups_per_category=max(1, sizes.items // 30), seed=99)
    asked = LocalModel(scratch / "trained", Sampling(temperature=0.0, top_p=1.0, max_new_tokens=64, seed=0))
    requests = [request("student/instruction", {"instruction": item.instruction}) for item in items]
    replies = asked.generate(requests)
    verdicts = [check(world, item, reply.text) for item, reply in zip(items, replies, strict=True)]
    kept = [satisfied for verdict in verdicts for satisfied in verdict.satisfied]
    return {
        "parameters": trained.model.num_parameters(),
        "seconds": round(seconds, 1),
        "last_loss": trained.summary["last_loss"],
        "constraints_satisfied": round(sum(one is True for one in kept) / max(1, len(kept)), 4),
    }


def main(tiny: bool, report: Path | None) -> int:
    """Measure all, print, and write it down; 0 when the aim for fine-tuning is met or nothing was measured."""
    offline.silence()  # before anything imports transformers
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore", FutureWarning)  # of TRL as it comes
    if not tiny and not torch.cuda.is_available():
        print("torch sees no GPU; `--tiny` tries every line on the processor")
        return 2
    sizes, began = (TINY if tiny else FULL), time.perf_counter()
    card = torch.cuda.get_device_name() if torch.cuda.is_available() else "processor, sizes that measure nothing"
    print(f"{card}, torch {torch.__version__}, peak {PEAK_FLOPS / 1e12:.0f} TFLOP/s", flush=True)
    lines: list[Any] = []
    learned: dict[str, Any] = {}
    left_out: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        said = texts(4000 if not tiny else 60)
        from quintain.training.tokenizer import train_tokenizer

        tokenizer = train_tokenizer([text for pair in said[:2000] for text in pair], [], 1536, sizes.context)
        rng = random.Random(1)
        count = 2 * sizes.rows * sizes.steps
        lengths = [rng.randint(sizes.context // 4, sizes.context * 9 // 10) for _ in range(count)]
        long = [long_text(rng, said, tokenizer, length) for length in lengths]
        asked = [f"{rng.choice(said)[0]} ({n})" for n in range(count)]
        pairs = [InstructionPair(instruction=q, response=a, kind="distilled") for q, a in zip(asked, long, strict=True)]
        both = [
            PreferencePair(prompt=q, chosen=a, rejected=a.replace(" is ", " was "))
            for q, a in zip(asked, long, strict=True)
        ]

        def stage(what: str, job: Any, *arguments: Any) -> list[Any]:
            spent = time.perf_counter() - began
            if spent > 0.75 * SECONDS:
                left_out.append(what)
                return []
            found = job(*arguments)
            print(f"  {what}: {time.perf_counter() - began - spent:.0f} s", flush=True)
            return found

        learned = dict(stage("almanac", almanac, tokenizer, sizes, scratch) or {})
        for shape in sizes.shapes:
            folder = save_random(shape, tokenizer, sizes.context, scratch / shape.name)
            lines += stage(f"SFT {shape.name}", fine_tuning, folder, shape, pairs, sizes, scratch)
            lines += stage(f"DPO {shape.name}", preferences, folder, shape, both, sizes, scratch)
            lines += stage(f"generation {shape.name}", generation, folder, shape, asked[: sizes.prompts], sizes)
    print(f"{'':34}{'tokens/s':>10}{'MFU':>8}{'to peer':>9}")
    peers = {line.rpartition(",")[0].replace("-BMC", ""): speed for line, speed, _ in lines if _is_peer(line)}
    for line, speed, mfu in lines:
        peer = peers.get(line.rpartition(",")[0].replace("-BMC", ""))
        ratio = "" if _is_peer(line) or not peer else f"{speed / peer:.2f}"
        print(f"  {line:32}{speed:10.0f}{'' if mfu is None else f'{mfu:.3f}':>8}{ratio:>9}")
    if learned:
        print(
            f"  {sizes.student.name}: {learned['parameters'] / 1e6:.1f} M parameters, {sizes.student_steps} steps in "
            f"{learned['seconds']} s, loss {learned['last_loss']:.3f}, "
            f"{learned['constraints_satisfied']:.1%} of the pack's constraints"
        )
    for what in left_out:
        print(f"  left out for time: {what}")
    took = time.perf_counter() - began
    print(f"{took:.0f} s in all (at most {SECONDS:.0f})")
    if report:
        measured = [{"line": line, "tokens_per_second": speed, "mfu": mfu} for line, speed, mfu in lines]
        report.write_text(
            json.dumps(
                {
                    "card": card, "torch": torch.__version__, "peak_flops": PEAK_FLOPS, "seconds": round(took, 1),
                    "measured": measured, "almanac": learned, "left_out": left_out,
                },
                indent=2,
            )
            + "\n",
            encoding="utf-8",
        )  # fmt: skip
    best = max((mfu for line, _, mfu in lines if line.startswith("SFT") and not _is_peer(line)), default=0.0)
    if not tiny:
        print(f"best MFU of fine-tuning {best:.3f} (aim at least {AIM})")
    return 0 if tiny or best >= AIM else 1


def _is_peer(line: str) -> bool:
    return line.endswith((", TRL", ", generate"))


if __name__ == "__main__":
    options = sys.argv[1:]
    raise SystemExit(
        main("--tiny" in options, Path(options[options.index("--json") + 1]) if "--json" in options else None)
    )
