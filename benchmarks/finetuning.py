"""Fine-tuning the embedded student beside bare TRL: same pairs, same model, same batches, in one process.

    python benchmarks/finetuning.py [FOLDER] [STEPS]

FOLDER defaults to data/06_models/base; where that is not there yet, a random Llama of its shape stands in, which costs
the same. Bare TRL gets the pairs as prompt and completion and no checkpointing of activations, once in random order
(its default) and once grouped by length. What is timed is training alone, in tokens without padding per CPU-second.
"""

import logging
import random
import sys
import tempfile
import time
from pathlib import Path

import torch

from quintain import offline
from quintain.almanac.corpus import chat
from quintain.almanac.world import WorldParams, make_world
from quintain.records import InstructionPair
from quintain.training.sft import SftParams, fine_tune

STUDENT = Path(__file__).parents[1] / "data" / "06_models" / "base"
LEAST_RATIO = 1.5
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


def ours(folder: Path, pairs: list[InstructionPair], params: SftParams, scratch: Path) -> float:
    """Train as the pipeline does; tokens per CPU-second of training."""
    from quintain.training.response_trainer import ResponseTrainer

    spent = 0.0
    train = ResponseTrainer.train

    def timed(trainer: ResponseTrainer, *arguments: object, **named: object) -> object:
        nonlocal spent
        start = time.process_time()
        result = train(trainer, *arguments, **named)
        spent = time.process_time() - start
        return result

    ResponseTrainer.train = timed
    try:
        tokens = fine_tune(folder, pairs, params, scratch).summary["tokens"]
    finally:
        ResponseTrainer.train = train
    return float(tokens / spent)


def main(folder: Path, steps: int) -> int:
    """Measure, print, and compare with the target; 0 when it is met."""
    offline.silence()  # before anything imports transformers
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    pairs = some_pairs(1000)
    params = SftParams(steps=steps, batch_size=10, learning_rate=1e-3, max_length=256)
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
                ours(folder, pairs, params, scratch / "ours"),
            )
            speed = {side: max(best, now) for (side, best), now in zip(speed.items(), once, strict=True)}
    default, grouped, mine = speed.values()
    print(f"{folder.name}, {steps} steps of {params.batch_size} pairs, best of {ROUNDS} rounds, tokens per CPU-second")
    for side, tokens_per_second in speed.items():
        print(f"  {side:24}{tokens_per_second:8.0f}")
    print(f"ratio to TRL's default {mine / default:.2f} (target at least {LEAST_RATIO}), grouped {mine / grouped:.2f}")
    return 0 if mine / default >= LEAST_RATIO else 1


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else STUDENT, int((sys.argv[2:] or ["100"])[0])))
