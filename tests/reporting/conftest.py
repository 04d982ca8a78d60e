"""Scorecards with round numbers, and a browser to look at pages with."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from quintain.benchmarks.scorecard import BenchmarkIdentity, Cell, Estimate, Scorecard

CATEGORIES = ("content", "situation", "style", "format", "example", "mixed")


def _around(rate: float | None, n: int) -> Estimate:
    if rate is None:
        return Estimate(value=None)
    return Estimate(value=rate, low=max(rate - 0.1, 0.0), high=min(rate + 0.1, 1.0), n=n)


def _cells(category: str, levels: list[float | None]) -> list[Cell]:
    """HSR and SSR of each level, their means in a category, and its CSL."""
    known = [level for level in levels if level is not None]
    mean = sum(known) / len(known) if known else None
    rows = [
        Cell(measure=measure, category=category, level=level, estimate=_around(rate, 5))
        for measure in ("hsr", "ssr")
        for level, rate in enumerate(levels, start=1)
    ]
    if category:
        rows += [Cell(measure=m, category=category, estimate=_around(mean, 25)) for m in ("hsr_mean", "ssr_mean")]
        csl = Estimate(value=None if mean is None else 2.5)
        rows.append(Cell(measure="csl", category=category, estimate=csl))
    return rows


@pytest.fixture
def scorecard() -> Callable[..., Scorecard]:
    """A scorecard with levels from `first` down in steps of 10 points, in six categories."""

    def make(model: str, first: float = 0.9, unscored: tuple[str, ...] = (), holes: tuple[int, ...] = ()) -> Scorecard:
        levels: list[float | None] = [
            None if level in holes else round(first - 0.1 * (level - 1), 3) for level in range(1, 6)
        ]
        known = [level for level in levels if level is not None]
        mean = sum(known) / len(known) if known else None
        return Scorecard(
            model=model,
            benchmark=BenchmarkIdentity(name="small", digest="0" * 16, rules="test"),
            sampling={"temperature": 0.0, "top_p": 1.0, "max_new_tokens": 64, "seed": 0},
            measures={
                "hsr_mean": _around(mean, 850),
                "ssr_mean": _around(mean, 850),
                "csl": Estimate(value=None if mean is None else 2.5),
            },
            tables=tuple(
                cell for name in ("", *CATEGORIES) for cell in _cells(name, [None] * 5 if name in unscored else levels)
            ),
            n_items=900,
            n_scored=850,
            n_unread=3,
            not_scored={"no-judge": 50},
        )

    return make


@pytest.fixture
def flat_scorecard() -> Scorecard:
    """A scorecard without levels and categories, as IFEval's."""
    return Scorecard(
        model="webr",
        benchmark=BenchmarkIdentity(name="ifeval", digest="1" * 16, rules="test"),
        sampling={"temperature": 0.0},
        measures={name: _around(rate, 541) for name, rate in (
            ("prompt_strict", 0.4), ("instruction_strict", 0.5), ("prompt_loose", 0.45), ("instruction_loose", 0.55),
        )},
        n_items=541,
        n_scored=541,
    )  # fmt: skip


@pytest.fixture(scope="module")  # an open Playwright keeps an event loop, which other tests need for themselves
def browser() -> Iterator[Any]:
    """Chromium; tests that ask for it are skipped where there is none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine; `apt-get install chromium`")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()
