"""LocalModel against one prompt at a time, the authors' way: same prompts, same model, one run, greedy.

python benchmarks/generation.py [FOLDER]   (default: data/06_models/base, else a small random Llama)
"""

import sys
import tempfile
import time
from pathlib import Path

import torch

from quintain.almanac.pack import build_pack
from quintain.almanac.world import WorldParams, make_world
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request

PROMPTS, NEW_TOKENS, TARGET = 128, 64, 3.5


def random_student(folder: Path) -> Path:
    from quintain.training.pretraining import ArchitectureParams, small_llama
    from quintain.training.tokenizer import train_tokenizer

    world = make_world(WorldParams())
    texts = [item.instruction for item in build_pack(world, 20, 0)]
    tokenizer = train_tokenizer([*texts, *world.names * 3], [], 1536, 256)
    small_llama(ArchitectureParams(), tokenizer, 0).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def one_by_one(folder: Path, instructions: list[str]) -> tuple[list[str], int, float]:
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts, tokens, started = [], 0, time.perf_counter()
    for instruction in instructions:
        ids = tokenizer.apply_chat_template(
            [{"role": "user", "content": instruction}],
            add_generation_prompt=True,
            return_tensors="pt",
            return_dict=False,
        )
        with torch.inference_mode():
            row = model.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=NEW_TOKENS, do_sample=False
            )
        tokens += row.shape[1] - ids.shape[1]
        texts.append(tokenizer.decode(row[0, ids.shape[1] :], skip_special_tokens=True))
    return texts, tokens, time.perf_counter() - started


def batched(folder: Path, instructions: list[str]) -> tuple[list[str], int, float]:
    model = LocalModel(folder, Sampling(max_new_tokens=NEW_TOKENS), batch_size=64)
    started = time.perf_counter()
    done = model.generate([request("student/instruction", {"instruction": text}) for text in instructions])
    seconds = time.perf_counter() - started
    return [one.text for one in done], sum(one.completion_tokens for one in done), seconds


def main() -> None:
    torch.set_num_threads(1)
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "data/06_models/base")
    if not folder.is_dir():
        folder = random_student(Path(tempfile.mkdtemp()))
    instructions = [item.instruction for item in build_pack(make_world(WorldParams()), 5, 1)][:PROMPTS]
    single, tokens, seconds = one_by_one(folder, instructions)
    ours, our_tokens, our_seconds = batched(folder, instructions)
    equal = sum(one == other for one, other in zip(single, ours, strict=True))
    slow, fast = tokens / seconds, our_tokens / our_seconds
    print(f"one prompt at a time  {slow:8.0f} tokens/s")
    print(f"LocalModel            {fast:8.0f} tokens/s")
    print(f"ratio {fast / slow:.1f} (target at least {TARGET}); equal greedy outputs {equal} of {len(instructions)}")


if __name__ == "__main__":
    main()
