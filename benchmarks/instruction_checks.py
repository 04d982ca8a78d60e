"""How long all responses to IFEval and IFBench take to be judged, strictly and loosely, on one core.

    python benchmarks/instruction_checks.py input_data.jsonl IFBench_test.jsonl

A response is 2,000 characters of the prompts themselves, so that it has their lists, quotations and code.
"""

import sys
import time
from pathlib import Path

from quintain.benchmarks.verifiable.prompts import read_prompts
from quintain.benchmarks.verifiable.verdicts import verdicts

CHARACTERS = 2_000


def main(files: list[str]) -> None:
    """Print seconds by file, and over all files."""
    total = 0.0
    for file in files:
        prompts = read_prompts(Path(file))
        text = "\n\n".join(prompt.prompt for prompt in prompts)
        responses = [text[n * CHARACTERS % len(text) :][:CHARACTERS] for n in range(len(prompts))]
        started = time.process_time()
        followed = sum(all(verdicts(prompt, said)[0]) for prompt, said in zip(prompts, responses, strict=True))
        spent = time.process_time() - started
        total += spent
        print(f"{Path(file).name}: {len(prompts)} responses in {spent:.2f} s, {followed} followed in full")
    print(f"all: {total:.2f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
