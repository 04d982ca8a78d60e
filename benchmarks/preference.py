"""A step of preference training beside TRL's DPO: same model, same batches, taken in turns, in one process.

    python benchmarks/preference.py [STEPS]

A random Llama of the embedded student's shape costs the same as a trained one. Each side takes one step on a batch
before the next side takes it; what is compared are CPU-seconds of forward, loss, backward and optimiser. `live` asks
the reference at every step, as TRL does; `cached` has its numbers in the rows; `simpo` needs none.
"""

import itertools
import logging
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from quintain import offline
from quintain.almanac.corpus import chat
from quintain.almanac.world import WorldParams, make_world
from quintain.records import PreferencePair

BATCH = 8
MOST_RATIO = {"live": 1.05, "cached": 0.80, "simpo": 0.80}


def some_pairs(count: int) -> list[PreferencePair]:
    """Instructions of the almanac, each with two responses, one of them to another instruction."""
    world, rng = make_world(WorldParams()), random.Random(0)
    said = [chat(world, rng) for _ in range(count + 1)]
    return [
        PreferencePair(prompt=one.instruction, chosen=one.text, rejected=other.text)
        for one, other in itertools.pairwise(said)
        if one.text != other.text
    ]


def sides(folder: Path, pairs: list[PreferencePair]) -> dict[str, Any]:
    """TRL's trainer and ours in three settings."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import DPOConfig, DPOTrainer

    from quintain.methods.bmc import Variant
    from quintain.training.preference.params import PreferenceParams
    from quintain.training.preference.reference import cached_logps
    from quintain.training.preference.tokenized_pairs import TokenizationParams, tokenize_pairs
    from quintain.training.preference.train import columns_of
    from quintain.training.preference.trainer import PreferenceTrainer, WeightedPreferenceCollator
    from quintain.training.row_rendering import encoder_of

    tokenizer = AutoTokenizer.from_pretrained(folder)

    def model() -> Any:
        return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)

    def config(cached: bool) -> Any:
        return DPOConfig(
            output_dir=str(folder / "out"), per_device_train_batch_size=BATCH, max_length=None, use_cpu=True,
            bf16=False, activation_checkpointing=False,
            report_to="none", disable_tqdm=True, dataloader_pin_memory=False,
            precompute_ref_log_probs=cached, remove_unused_columns=False,
        )  # fmt: skip

    rows, _ = tokenize_pairs(encoder_of(tokenizer), pairs, TokenizationParams(max_length=256))
    kept = {row.pair_id for row in rows}
    chats = [
        {
            side: [{"role": role, "content": getattr(pair, side)}]
            for side, role in (("prompt", "user"), ("chosen", "assistant"), ("rejected", "assistant"))
        }
        for pair in pairs
        if pair.id in kept
    ]
    found: dict[str, Any] = {
        "TRL": DPOTrainer(
            model=model(), ref_model=model(), args=config(cached=False), train_dataset=Dataset.from_list(chats),
            processing_class=tokenizer,
        )
    }  # fmt: skip
    variants: dict[str, Variant] = {"live": "dpo", "cached": "dpo", "simpo": "simpo"}
    for name, variant in variants.items():
        cached = name == "cached"
        logps = cached_logps(model(), rows, folder, "start", BATCH) if cached else None
        found[name] = PreferenceTrainer(
            params=PreferenceParams(
                steps=1, batch_size=BATCH, learning_rate=1e-4, variant=variant,
                reference="live" if name == "live" else "cached",
            ),
            model=model(),
            ref_model=model() if name == "live" else None,
            args=config(cached=name != "live"),
            data_collator=WeightedPreferenceCollator(pad_token_id=tokenizer.pad_token_id),
            train_dataset=Dataset.from_list(columns_of(rows, logps)),
            processing_class=tokenizer,
        )  # fmt: skip
    return found


def step(trainer: Any, optimizer: Any, rows: list[int]) -> float:
    """One step on these rows; CPU-seconds, collation included."""
    start = time.process_time()
    batch = trainer.data_collator([trainer.train_dataset[row] for row in rows])
    trainer.model.train()
    trainer.compute_loss(trainer.model, batch).backward()
    optimizer.step()
    optimizer.zero_grad()
    return time.process_time() - start


def main(steps: int) -> int:
    """Measure, print, and compare with the targets; 0 when all are met."""
    from finetuning import random_student

    offline.silence()  # before anything imports transformers
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    from quintain.records import InstructionPair

    pairs = some_pairs(max(400, steps * BATCH))
    with tempfile.TemporaryDirectory() as name:
        told = [InstructionPair(instruction=pair.prompt, response=pair.chosen, kind="distilled") for pair in pairs]
        trainers = sides(random_student(Path(name) / "random", told), pairs)
        optimizers = {side: torch.optim.AdamW(one.model.parameters(), lr=1e-4) for side, one in trainers.items()}
        rng = random.Random(0)
        spent = dict.fromkeys(trainers, 0.0)
        for number in range(steps + 3):
            rows = rng.sample(range(len(trainers["TRL"].train_dataset)), BATCH)
            for side, trainer in trainers.items():
                seconds = step(trainer, optimizers[side], rows)
                spent[side] += seconds if number >= 3 else 0  # the first steps warm up
    print(f"{steps} steps of {BATCH} pairs, in turns, CPU-milliseconds a step")
    met = True
    for side, seconds in spent.items():
        ratio = seconds / spent["TRL"]
        missed = ratio > MOST_RATIO.get(side, 1.0)
        met = met and not missed
        target = f" (target at most {MOST_RATIO[side]})" if side in MOST_RATIO else ""
        print(f"  {side:8}{1000 * seconds / steps:8.1f}{ratio:7.2f} x TRL's DPO{target}{'   MISSED' if missed else ''}")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main(int((sys.argv[1:] or ["60"])[0])))
