"""Made-up benchmark folders and judgements; the released files are read in tests/parity only."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from quintain.benchmarks.followbench.benchmark import CATEGORIES, GROUPS
from quintain.records import ConstraintItem, Judgement, Satisfied


def _row(category: str, group: int, level: int) -> dict[str, object]:
    return {
        "example_id": group,
        "category": category,
        "source": "made-up",
        "level": level,
        "instruction": f"{category} {group}: do this with {level} constraints",
        "target": "{instruction}\nBOT: {answer}" if category == "example" else "",
    }


@pytest.fixture
def benchmark_rows() -> dict[str, list[dict[str, object]]]:
    """The six English files as rows, with our own words in them."""
    return {
        category: [
            _row(category, group, level)
            for group in range(1, GROUPS["en"][category] + 1)
            for level in range(1 if category == "example" else 0, 6)
        ]
        for category in CATEGORIES
    }


@pytest.fixture
def write_benchmark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, list[dict[str, object]]]], Path]:
    """Write made-up rows to six files; for them alone, any text counts as released."""
    monkeypatch.setattr("quintain.benchmarks.followbench.benchmark.check_released", lambda *_: None)

    def write(rows: dict[str, list[dict[str, object]]]) -> Path:
        for category, each in rows.items():
            (tmp_path / f"{category}_constraints.json").write_text(json.dumps(each), encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def make_item() -> Callable[..., ConstraintItem]:
    def make(category: str, example_id: str, level: int, **fields: object) -> ConstraintItem:
        return ConstraintItem(
            example_id=example_id,
            category=category,
            level=level,
            **{"instruction": f"{category}/{example_id}/{level}", **fields},
        )

    return make


@pytest.fixture
def judge() -> Callable[..., Judgement]:
    """Make one judgement; its item is named by category, group and level."""

    def make(
        category: str, example_id: str, level: int, satisfied: tuple[Satisfied, ...] | bool, **fields: object
    ) -> Judgement:
        verdicts = (satisfied,) * level if isinstance(satisfied, bool) else satisfied
        return Judgement(
            item_id=f"{category}/{example_id}/{level}",
            example_id=example_id,
            category=category,
            level=level,
            satisfied=verdicts,
            **{"by": "judge:someone", **fields},
        )

    return make
