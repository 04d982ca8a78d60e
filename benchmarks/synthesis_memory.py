"""Memory and time of the whole pipeline `synthesis` by its number of pages, with the oracle as teacher.

    python benchmarks/synthesis_memory.py 2000 8000

Each size runs in a process of its own: pages of the almanac, 4 kB of text each, from JSON lines with a `text` column,
one worker. It prints the peak of the memory, of the run and of each node, and how it grows with the pages.
"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl

ROOT = Path(__file__).parents[1]
PAGE_CHARACTERS = 4000
SEED = 0


def write_source(world, count: int, path: Path) -> None:
    """Write pages as rows: the text of an almanac page, then lines that no other page has, up to the length."""
    from quintain.almanac.pages import draw_subject, write_page

    rng = random.Random(SEED)
    words = [name.lower() for pool in world.pools.values() for name in pool if name.isalpha()]
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            lines = [write_page(rng, *draw_subject(world, rng, 0.3)).text]
            while sum(map(len, lines)) < PAGE_CHARACTERS:
                lines.append(f"{' '.join(rng.choices(words, k=14))}.")
            file.write(json.dumps({"url": f"https://almanac.example/{number}", "text": "\n".join(lines)}) + "\n")


class NodePeaks:
    """Most memory that the process held while each node ran, in MiB; Linux forgets its high-water mark on request."""

    def __init__(self) -> None:
        self.mib: dict[str, int] = {}

    @hook_impl
    def before_node_run(self) -> None:
        """Forget the peak so far."""
        Path("/proc/self/clear_refs").write_text("5")

    @hook_impl
    def after_node_run(self, node) -> None:
        """Note the peak since."""
        self.mib[node.name] = peak_mib()


def peak_mib() -> int:
    """High-water mark of this process's memory since it was last forgotten."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) // 1024


def synthesis_catalog(environment: str, pages, bindings: dict[str, Any], changed: dict[str, dict[str, Any]]):
    """All that the pipeline reads, under the working folder.

    Args:
        environment: Folder of conf/ whose settings hold.
        pages: Source of the pages.
        bindings: Role → binding.
        changed: Settings of `synthesis` by their section, over those of the environment.

    Returns:
        The catalog.
    """
    from kedro.io import DataCatalog, MemoryDataset

    from quintain.almanac.pack import build_pack
    from quintain.almanac.world import WorldParams, make_world, world_as_json
    from quintain.benchmarks.decontamination import Decontamination
    from quintain.methods.webr import WebrParams
    from quintain.models.roles import Roles
    from quintain.web import IngestionParams, PageLimits
    from tests.project_configuration import configuration, expectations

    catalog = DataCatalog.from_config(configuration("base")["catalog"])
    parameters = configuration(environment)["parameters"]
    world = make_world(WorldParams())
    catalog.save("world", world_as_json(world))
    catalog.save("almanac.items@records", build_pack(world, groups_per_category=2, seed=99))
    catalog["raw_pages"] = MemoryDataset(pages, copy_mode="assign")
    for name in ("pages", "dropped_pages", "drafts", "instruction_pairs", "dropped_pairs", "synthesis_preferences"):
        catalog[f"{name}_suite"] = MemoryDataset(expectations(name)[name])
    for section, kind in (("extraction", PageLimits), ("ingestion", IngestionParams), ("method", WebrParams)):
        given = {**parameters["synthesis"][section], **changed.get(section, {})}
        catalog[f"params:synthesis.{section}"] = MemoryDataset(kind(**given))
    catalog["params:decontamination"] = MemoryDataset(Decontamination(**parameters["decontamination"]))
    catalog["params:roles"] = MemoryDataset(Roles(ledger="data/ledger.sqlite", bindings=bindings))
    return catalog


def run(count: int) -> None:
    """Run the pipeline in this process, in the working folder, and print what it took."""
    import logging

    from kedro.framework.hooks.manager import _create_hook_manager
    from kedro.runner import SequentialRunner

    from quintain.almanac.world import WorldParams, make_world
    from quintain.pipelines.synthesis import create_pipeline
    from quintain.web import read_pages
    from tests.lifecycles import tree

    logging.disable(logging.CRITICAL)
    write_source(make_world(WorldParams()), count, Path("pages.jsonl"))
    oracle = {"backend": "oracle", "world": "data/01_raw/world.json"}
    bindings = {"author": oracle, "teacher": oracle}
    catalog = synthesis_catalog("base", read_pages("pages.jsonl"), bindings, {"ingestion": {"workers": 1}})
    before, peaks, hooks = peak_mib(), NodePeaks(), _create_hook_manager()
    hooks.register(peaks)
    started, cpu = time.monotonic(), time.process_time()
    SequentialRunner().run(create_pipeline(tree()), catalog, hooks)
    funnel = catalog.load("synthesis_funnel")
    found = {
        "pages": count,
        "pairs": sum(funnel["kinds"].values()),
        "dropped": {name: count["dropped"] for part in ("pages", "pairs") for name, count in funnel[part].items()},
        "seconds": round(time.monotonic() - started),
        "cpu_seconds": round(time.process_time() - cpu),
        "mib_before": before,
        "peak_mib": max(peaks.mib.values()),
        "peaks": dict(sorted(peaks.mib.items(), key=lambda item: -item[1])),
    }
    sys.stdout.write(json.dumps(found) + "\n")


def main() -> None:
    """Run every size and print how memory grows."""
    rows = []
    for count in map(int, sys.argv[1:] or ("2000", "8000")):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, str(Path(__file__).resolve()), "--run", str(count)]
            environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr[-3000:])
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        sys.stdout.write(f"{rows[-1]}\n")
        sys.stdout.flush()
    if len(rows) > 1:
        first, last = rows[0], rows[-1]
        grown = (last["peak_mib"] - first["peak_mib"]) / (last["pages"] - first["pages"]) * 1000
        sys.stdout.write(f"{grown:.1f} MiB for every further 1,000 pages; ")
        sys.stdout.write(f"100,000 pages: {last['peak_mib'] + grown * (100 - last['pages'] / 1000):,.0f} MiB\n")


if __name__ == "__main__":
    run(int(sys.argv[2])) if sys.argv[1:2] == ["--run"] else main()
