"""Scorecards as plain dicts, the form in which reporting takes them, and a browser to look at pages with."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

CATEGORIES = ("content", "situation", "style", "format", "example", "mixed")


def _score(levels: list[float | None]) -> dict[str, Any]:
    known = [level for level in levels if level is not None]
    mean = sum(known) / len(known) if known else None

    def around(rate: float | None) -> list[float | None]:
        return [None, None] if rate is None else [max(rate - 0.1, 0.0), min(rate + 0.1, 1.0)]

    return {
        "hsr": levels,
        "ssr": levels,
        "csl": None if mean is None else 2.5,
        "hsr_mean": mean,
        "ssr_mean": mean,
        "intervals": {
            "hsr": [around(each) for each in levels],
            "ssr": [around(each) for each in levels],
            "hsr_mean": around(mean),
        },
        "n_scored": 5 * len(known),
    }


@pytest.fixture
def scorecard() -> Callable[..., dict[str, Any]]:
    def make(model: str, first: float = 0.9, unscored: tuple[str, ...] = ()) -> dict[str, Any]:
        levels: list[float | None] = [round(first - 0.1 * level, 3) for level in range(5)]
        return {
            "model": model,
            "macro": _score(levels),
            "categories": {name: _score([None] * 5 if name in unscored else levels) for name in CATEGORIES},
            "n_scored": 850,
            "n_items": 900,
            "n_unread": 3,
            "n_not_scored": 50,
            "judge": "",
            "pack": {"name": "small", "digest": "0" * 16, "language": "en", "rules": "test"},
            "sampling": {"temperature": 0.0, "top_p": 1.0, "max_new_tokens": 64, "seed": 0},
        }

    return make


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
