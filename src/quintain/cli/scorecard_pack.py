"""Find the items behind a scorecard, for their instructions and rules; a scorecard itself holds none."""

from collections.abc import Iterator
from pathlib import Path

from quintain.benchmarks.benchmark import items_digest
from quintain.benchmarks.scorecard import BenchmarkIdentity
from quintain.cli.json_lines import read_lines
from quintain.cli.named_benchmark import named_constraints
from quintain.data_root import data_root
from quintain.errors import RecordError
from quintain.records import ConstraintItem


def find_items(benchmark: BenchmarkIdentity, root: Path | None, pack: Path | None) -> tuple[list[ConstraintItem], str]:
    """Find the pack that a scorecard was made on, known by its digest.

    Args:
        benchmark: Identity that the scorecard names.
        root: The project; None outside.
        pack: What the user named: a file of items, or a folder of the released FollowBench files.

    Returns:
        The items, and why there are none where there are none.

    Raises:
        RecordError: The pack that the user named is another one.
    """
    digest, name = benchmark.digest, benchmark.name
    if pack is not None:
        items = _read(pack, benchmark.language)
        if items_digest(items) != digest:
            raise RecordError(
                f"{pack} holds the pack {items_digest(items)}, but the scorecard was made on {name} {digest}; name the "
                "right one, or leave --pack out"
            )
        return items, ""
    for items in _at_hand(benchmark, root):
        if items_digest(items) == digest:
            return items, ""
    return [], (
        f"The items of pack {name} ({digest}) are not at hand, so instructions and rules are left out; "
        "`quintain scorecard … --pack FILE` takes them from a file."
    )


def _at_hand(benchmark: BenchmarkIdentity, root: Path | None) -> Iterator[list[ConstraintItem]]:
    """Packs that it could be, the cheapest first."""
    if root is not None:
        kept = data_root(root) / "05_model_input/pack.jsonl"
        if kept.is_file():
            yield read_lines(kept, ConstraintItem)
        folder = _followbench_folder(root, benchmark.language)
        if folder is not None:
            yield _read(folder, benchmark.language)
        yield named_constraints(benchmark.name)
    from quintain.packs.build import PACKS, build_pack

    if benchmark.name in PACKS:
        yield build_pack(benchmark.name)


def _followbench_folder(root: Path, language: str) -> Path | None:
    """Folder of the released files that the project's environments name, the last one that is there."""
    import yaml

    key = "followbench_zh" if language == "zh" else "followbench"
    found = None
    for settings in (root / "conf" / env / "globals.yml" for env in ("base", "followbench", "local")):
        if settings.is_file():
            named = (yaml.safe_load(settings.read_text(encoding="utf-8")) or {}).get("benchmarks", {}).get(key, "")
            found = root / named if named and (root / named).is_dir() else found
    return found


def _read(pack: Path, language: str) -> list[ConstraintItem]:
    if not pack.is_dir():
        return read_lines(pack, ConstraintItem)
    from quintain.benchmarks.followbench.source import load_pack

    return load_pack(str(pack), language)
