"""Fine-tuning the embedded student beside bare TRL: same pairs, same model, same batches, in one process.

    python benchmarks/finetuning.py [FOLDER] [STEPS]
    python benchmarks/finetuning.py --formats FOLDER [STEPS]

FOLDER defaults to data/06_models/base; where that is not there yet, a random Llama of its shape stands in, which costs
the same. Bare TRL gets the pairs as prompt and completion and no checkpointing of activations, once in random order
(its default) and once grouped by length. What is timed is training alone, in tokens without padding per CPU-second.

`--formats` trains a real model, such as SmolLM2 imported by `quintain models import`, in float32 and in bfloat16, with
all weights and with an adapter, and prints the speed and the loss curves of both.
"""

import dataclasses
import logging
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import mock

import torch

from quintain import offline
from quintain.almanac.corpus import chat
from quintain.almanac.world import WorldParams, make_world
from quintain.processors import computes_bfloat16
from quintain.records import InstructionPair
from quintain.training.sft import SftParams, fine_tune

STUDENT = Path(__file__).parents[1] / "data" / "06_models" / "base"
LEAST_RATIO = 1.5
LEAST_FORMATS_RATIO = 1.8
MOST_LOSS_DIFFERENCE = 0.02
"""Of the two formats' losses, as a share, at each point of the curve."""
ROUNDS = 2


def some_pairs(count: int) -> list[InstructionPair]:
    """Instructions of the almanac and responses to them."""
    world, rng = make_world(WorldParams()), random.Random(0)
    said = (chat(world, rng) for _ in range(count))
    return [InstructionPair(instruction=one.instruction, response=one.text, kind="distilled") for one in said]


def random_student(folder: Path, pairs: list[InstructionPair]) -> Path:
    """Save an untrained Llama of the embedded student's shape."""
    from quintain.training.pretraining import ArchitectureParams, small_llama
    from quintain.training.tokenizer import train_tokenizer

    architecture = ArchitectureParams()
    texts = [text for pair in pairs for text in (pair.instruction, pair.response)]
    tokenizer = train_tokenizer(texts, [], 1536, architecture.context_tokens)
    small_llama(architecture, tokenizer, seed=0).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def bare_trl(folder: Path, pairs: list[InstructionPair], params: SftParams, scratch: Path, strategy: str) -> float:
    """Train with TRL's own trainer; tokens per CPU-second."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback
    from trl import SFTConfig, SFTTrainer

    rows = [
        {
            "prompt": [{"role": "user", "content": pair.instruction}],
            "completion": [{"role": "assistant", "content": pair.response}],
        }
        for pair in pairs
    ]
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(folder),
        args=SFTConfig(
            output_dir=str(scratch),
            max_steps=params.steps,
            per_device_train_batch_size=params.batch_size,
            learning_rate=params.learning_rate,
            activation_checkpointing=False,
            train_sampling_strategy=strategy,
            max_length=params.max_length,
            include_num_input_tokens_seen="non_padding",
            save_strategy="no",
            bf16=False,
            use_cpu=True,
            dataloader_pin_memory=False,
            report_to="none",
            disable_tqdm=True,
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=AutoTokenizer.from_pretrained(folder),
    )
    trainer.remove_callback(PrinterCallback)
    start = time.process_time()
    trainer.train()
    return float(trainer.state.num_input_tokens_seen / (time.process_time() - start))


def ours(folder: Path, pairs: list[InstructionPair], params: SftParams, scratch: Path) -> tuple[float, list[float]]:
    """Train as the pipeline does; tokens per CPU-second of training, and the loss curve."""
    from quintain.training.response_trainer import ResponseTrainer

    spent = 0.0
    train = ResponseTrainer.train

    def timed(trainer: ResponseTrainer, *arguments: Any, **named: Any) -> Any:
        nonlocal spent
        start = time.process_time()
        result = train(trainer, *arguments, **named)
        spent = time.process_time() - start
        return result

    with mock.patch.object(ResponseTrainer, "train", timed):
        trained = fine_tune(folder, pairs, params, scratch)
    return float(trained.summary["tokens"] / spent), [point["loss"] for point in trained.curve]


def formats(folder: Path, steps: int) -> int:
    """Float32 beside bfloat16; 0 when the targets are met, or bfloat16 is not computed here."""
    prepare()
    pairs = some_pairs(1000)
    params = SftParams(steps=steps, batch_size=8, learning_rate=2e-5, max_length=128, dtype="float32")
    adapter = {"r": 16, "lora_alpha": 32, "target_modules": "all-linear"}
    ways: dict[str, dict[str, Any]] = {"all weights": {}, "adapter": {"lora": adapter, "learning_rate": 2e-4}}
    computed, met = computes_bfloat16(), True
    print(f"{folder.name}, {steps} steps of {params.batch_size} pairs, tokens per CPU-second")
    with tempfile.TemporaryDirectory() as scratch:
        for name, settings in ways.items():
            single = dataclasses.replace(params, **settings)
            speed, losses = ours(folder, pairs, single, Path(scratch) / "single")
            print(f"  {name}: float32 {speed:.0f}, loss {shown(losses)}")
            if not computed:
                print(f"  {name}: bfloat16 not computed here: no GPU, AMX or AVX512-BF16; `dtype: auto` is float32")
                continue
            halved = dataclasses.replace(single, dtype="bfloat16")
            half_speed, half_losses = ours(folder, pairs, halved, Path(scratch) / "half")
            apart = max(abs(half - one) / one for half, one in zip(half_losses, losses, strict=True))
            print(f"  {name}: bfloat16 {half_speed:.0f}, loss {shown(half_losses)}")
            print(
                f"  {name}: ratio {half_speed / speed:.2f} (target at least {LEAST_FORMATS_RATIO}), losses apart by at "
                f"most {apart:.1%} (target at most {MOST_LOSS_DIFFERENCE:.0%})"
            )
            met = met and half_speed / speed >= LEAST_FORMATS_RATIO and apart <= MOST_LOSS_DIFFERENCE
    return 0 if met else 1


def shown(losses: list[float]) -> str:
    """Points of a curve in a line."""
    return " ".join(f"{loss:.3f}" for loss in losses)


def prepare() -> None:
    """One thread, and nothing said but figures."""
    offline.silence()  # before anything imports transformers
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)


def main(folder: Path, steps: int) -> int:
    """Measure, print, and compare with the target; 0 when it is met."""
    prepare()
    pairs = some_pairs(1000)
    params = SftParams(steps=steps, batch_size=10, learning_rate=1e-3, max_length=256, dtype="float32")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        if not folder.is_dir():
            print(f"{folder} is not there, a random Llama stands in")
            folder = random_student(scratch / "random", pairs)
        speed = {"TRL, random order": 0.0, "TRL, grouped by length": 0.0, "quintain": 0.0}
        for _ in range(ROUNDS):
            once = (
                bare_trl(folder, pairs, params, scratch / "trl", "random"),
                bare_trl(folder, pairs, params, scratch / "trl", "group_by_length"),
                ours(folder, pairs, params, scratch / "ours")[0],
            )
            speed = {side: max(best, now) for (side, best), now in zip(speed.items(), once, strict=True)}
    default, grouped, mine = speed.values()
    print(f"{folder.name}, {steps} steps of {params.batch_size} pairs, best of {ROUNDS} rounds, tokens per CPU-second")
    for side, tokens_per_second in speed.items():
        print(f"  {side:24}{tokens_per_second:8.0f}")
    print(f"ratio to TRL's default {mine / default:.2f} (target at least {LEAST_RATIO}), grouped {mine / grouped:.2f}")
    return 0 if mine / default >= LEAST_RATIO else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--formats"]:
        raise SystemExit(formats(Path(sys.argv[2]), int((sys.argv[3:] or ["20"])[0])))
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else STUDENT, int((sys.argv[2:] or ["100"])[0])))
