"""Files that a run reads and does not make: data of the user's own, benchmarks, suites of expectations."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from quintain.doctor.finding import Finding, fault, good
from quintain.doctor.plan import Plan
from quintain.errors import QuintainError
from quintain.web.sources import PAGE_ENDINGS, may_hold_pages

_START = ".source"
_BENCHMARK = ".items@benchmark"
_SUITE = "_suite"
_NO_MAKER = "put the file there, or name another one"


def present_files(plan: Plan) -> Iterator[Finding]:
    """See that every file is there; nothing is read."""
    for name in plan.inputs():
        if name.endswith(_START):
            continue  # start models are looked at by themselves
        entry = plan.entry(name)
        if not entry:
            yield fault(name, "no node of this run makes it, and the catalog has no entry for it",
                        "add one to conf/<env>/catalog_*.yml", plan.place("catalog"))  # fmt: skip
            continue
        path = entry.get("filepath")
        if not path or (name.endswith(_BENCHMARK) and not Path(path).suffix):
            continue
        if Path(path).exists():
            if _kind(entry) == _PAGES and not may_hold_pages(Path(path)):
                yield fault(name, f"{path} holds nothing that pages are read from", f"name a file or a folder with "
                            f"{', '.join(PAGE_ENDINGS)}", plan.path_place(name))  # fmt: skip
            elif not name.endswith(_SUITE):
                yield good(name, str(path))
        else:
            made = plan.output_elsewhere(name)
            remedy = f"make it: `kedro run{plan.option} --to-outputs {made}`" if made else _NO_MAKER
            yield fault(name, f"{path} does not exist", remedy, plan.path_place(name))


def readable_files(plan: Plan) -> Iterator[Finding]:
    """Read the records and the items that a run begins with, so that a broken line is known now."""
    for name in plan.inputs():
        entry = plan.entry(name)
        kind = _kind(entry)
        if kind not in _READ or (entry.get("filepath") and not Path(entry["filepath"]).exists()):
            continue
        try:
            found = plan.read(name)
        except QuintainError as error:
            yield fault(
                name, str(error), "", plan.path_place(name) if "filepath" in entry else plan.place("catalog", name)
            )
        else:
            count = len(found.items) if name.endswith(_BENCHMARK) else len(found)
            yield good(name, f"{count:,} {'items' if name.endswith(_BENCHMARK) else 'records'}")


def _kind(entry: Mapping[str, Any]) -> str:
    """Name of the class behind an entry of the catalog."""
    return str(entry.get("type", "")).rpartition(".")[2]


_PAGES = "WarcDataset"
_READ = ("RecordsDataset", "ImportedDataset", "PreferencePairsDataset", "EditCasesDataset", "BenchmarkDataset")
"""Types that are read whole when they are loaded; web archives are not."""
