"""The token-credit page in a browser: tokens can be read on their colours; it runs and fetches nothing."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from conftest_pages import opened_quietly

from quintain.reporting.token_credit import token_credit_page

HOSTILE = "<img src=x onerror=alert(1)>"


def token(text, weight, reward, edited=0):
    return {"text": text, "weight": weight, "reward": reward, "edited": edited}


PAIR = {
    "prompt": f"Who rules? {HOSTILE}",
    "margin": 0.7,
    "sides": [
        {"name": "chosen", "reward": 0.4, "tokens": [token("Robin", 3.0, 0.4, 1), token(" rules.", 1.0, 0.0)]},
        {"name": "rejected", "reward": -0.3, "tokens": [token(HOSTILE, 2.0, -0.4, 1), token(" rules.", 1.0, 0.1)]},
    ],
}


@pytest.fixture
def opened(browser, tmp_path):
    """Open the page, which must keep quiet."""
    file = tmp_path / "page.html"
    file.write_text(token_credit_page("bmc", [PAIR] * 3, {"accuracy": 0.75}), encoding="utf-8")
    with opened_quietly(browser, file) as tab:
        yield tab


BACKGROUND = "element => getComputedStyle(element).backgroundColor"


def channels(said):
    """Red, green and blue of a computed colour, 0 to 255, and its opacity."""
    *found, alpha = [*map(float, re.findall(r"[\d.]+", said)), 1.0][:4]
    return found, alpha


def test_what_strangers_wrote_is_text(opened):
    assert opened.locator("img").count() == 0
    assert opened.locator("h2").first.inner_text() == f"Who rules? {HOSTILE}"
    assert opened.locator(".tokens").nth(2).inner_text() == f"{HOSTILE} rules."


def test_a_heavier_token_is_darker_and_an_edited_one_has_a_line(opened):
    heavy, light, plain = (
        channels(opened.locator(f".tokens span[title^='λ {weight}']").first.evaluate(BACKGROUND))[1]
        for weight in (3, 2, 1)
    )
    assert heavy == pytest.approx(2 * light, abs=0.01)  # (3 - 1) against (2 - 1) above the weight of the others
    assert plain == 0
    assert opened.locator(".edited").count() == 3 * 2 * 2
    assert opened.locator(".edited").first.get_attribute("title") == "λ 3.00, reward +0.400"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_token_can_be_read_on_the_strongest_colour(opened, scheme):
    opened.emulate_media(color_scheme=scheme)
    ink = channels(opened.locator("body").evaluate("element => getComputedStyle(element).color"))[0]
    page = channels(opened.locator("body").evaluate(BACKGROUND))[0]
    shades = [span.evaluate(BACKGROUND) for span in opened.locator(".tokens .edited").all()]
    assert len(set(shades)) == 4  # two weights, a reward gained and one lost
    for shade, alpha in map(channels, set(shades)):
        blended = [alpha * over + (1 - alpha) * under for over, under in zip(shade, page, strict=True)]
        high, low = sorted((luminance(ink), luminance(blended)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (shade, scheme)  # WCAG AA


def luminance(channels):
    shares = [channel / 255 for channel in channels]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_nothing_sticks_out_on_a_narrow_screen(opened):
    opened.set_viewport_size({"width": 400, "height": 800})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 400
