"""The embedded student: LocalModel beside a loop of transformers' generate, one prompt at a time, in one process.

    python benchmarks/generation_tiny.py [FOLDER] [PROMPTS]

FOLDER defaults to the embedded student, data/06_models/base, asked the almanac's own instructions. Where that is not
there yet, a random Llama of its shape stands in: its completions mean nothing and all run to the token limit. Both
sides decode greedily in float32, take turns, and every output is compared.
"""

import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from quintain import offline
from quintain.almanac.pack import build_pack
from quintain.almanac.world import WorldParams, make_world
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request
from quintain.records import Request

STUDENT = Path(__file__).parents[1] / "data" / "06_models" / "base"
SAMPLING = Sampling(max_new_tokens=80)
LEAST_RATIO = 3.5
ROUNDS = 3

Side = Callable[[list[Request]], tuple[list[str], int]]
"""From requests to texts and the number of tokens written."""


def random_student(folder: Path, texts: list[str]) -> Path:
    """Save an untrained Llama of the embedded student's shape."""
    from quintain.training.pretraining import ArchitectureParams, small_llama
    from quintain.training.tokenizer import train_tokenizer

    architecture = ArchitectureParams()
    tokenizer = train_tokenizer(texts, [], 1024, architecture.context_tokens)
    small_llama(architecture, tokenizer, seed=0).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def one_by_one(folder: Path) -> Side:
    """The loop that everyone writes first."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)

    def generate(requests: list[Request]) -> tuple[list[str], int]:
        texts, tokens = [], 0
        for asked in requests:
            chat = [{"role": message.role, "content": message.content} for message in asked.messages]
            prompt = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt")
            with torch.inference_mode():
                row = model.generate(**prompt, max_new_tokens=SAMPLING.max_new_tokens, do_sample=False)[0]
            new = row[prompt["input_ids"].shape[1] :]
            texts.append(tokenizer.decode(new, skip_special_tokens=True))
            tokens += len(new)
        return texts, tokens

    return generate


def batched(folder: Path) -> Side:
    """Quintain's local backend with its default batches."""
    model = LocalModel(folder, SAMPLING, dtype="float32")

    def generate(requests: list[Request]) -> tuple[list[str], int]:
        completions = model.generate(requests)
        return [each.text for each in completions], sum(each.completion_tokens for each in completions)

    return generate


def main(folder: Path, prompts: int) -> int:
    """Measure, print, and compare with the target; 0 when it is met."""
    offline.silence()  # before anything imports transformers
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    items = build_pack(make_world(WorldParams()), groups_per_category=20, seed=99)[:: max(1, 600 // prompts)]
    requests = [request("student/instruction", {"instruction": item.instruction}) for item in items]
    with tempfile.TemporaryDirectory() as scratch:
        if not folder.is_dir():
            print(f"{folder} is not there, a random Llama stands in")
            folder = random_student(Path(scratch) / "random", [item.instruction for item in items])
        sides = {"generate, one by one": one_by_one(folder), "LocalModel": batched(folder)}
        for generate in sides.values():
            generate(requests[:2])  # the first call pays for what is set up once
        outputs: dict[str, list[str]] = {}
        speed = dict.fromkeys(sides, 0.0)
        for _ in range(ROUNDS):
            for name, generate in sides.items():
                start = time.process_time()
                outputs[name], tokens = generate(requests)
                speed[name] = max(speed[name], tokens / (time.process_time() - start))
    loop, ours = sides
    equal = sum(a == b for a, b in zip(outputs[loop], outputs[ours], strict=True))
    ratio = speed[ours] / speed[loop]
    print(f"{folder.name}, {len(requests)} prompts, best of {ROUNDS} rounds, one thread, tokens per CPU-second")
    for name, tokens_per_second in speed.items():
        print(f"  {name:22}{tokens_per_second:8.0f}")
    print(f"greedy outputs equal: {equal} of {len(requests)}")
    print(f"ratio {ratio:.2f} (target at least {LEAST_RATIO})")
    return 0 if ratio >= LEAST_RATIO and equal == len(requests) else 1


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else STUDENT, int((sys.argv[2:] or ["150"])[0])))
