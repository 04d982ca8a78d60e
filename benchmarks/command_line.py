"""Start of the console script against Kedro's own, in one run, alternating.

python benchmarks/command_line.py
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 10
COMMANDS = {"quintain --help": ["quintain", "--help"], "kedro --version": ["kedro", "--version"]}


def main() -> None:
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, (program, *arguments) in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run([Path(sys.executable).with_name(program), *arguments], check=True, capture_output=True)
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, median in medians.items():
        print(f"{name:18s} median {median:.2f} s of {ROUNDS}")
    print(f"ratio {medians['quintain --help'] / medians['kedro --version']:.2f} (target at most 0.50)")


if __name__ == "__main__":
    main()
