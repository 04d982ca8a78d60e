"""Pages look like the web's, and what they state can be read back exactly."""

import collections
import random

import pytest

from quintain.almanac.pages import as_html, web_pages, write_page
from quintain.almanac.phrasing import FOOTERS_OF_PAGES, HEADS, NAVIGATION
from quintain.almanac.reading import read_facts, read_genre
from quintain.web import main_text


@pytest.mark.parametrize("genre", list(HEADS))
def test_facts_are_read_back_from_every_template(world, genre):
    rng = random.Random(0)
    for town in world.pools["town"]:
        page = write_page(rng, town, world.facts[town], genre)
        assert read_facts(page.text) == {town: world.facts[town]}
        assert read_genre(page.text) == (genre, town)


@pytest.mark.parametrize("genre", list(HEADS))
def test_extraction_keeps_every_fact_and_drops_navigation_and_footer(world, genre):
    rng = random.Random(1)
    for town in world.pools["town"][:15]:
        page = write_page(rng, town, world.facts[town], genre)
        text = main_text(as_html(rng, page))
        assert read_facts(text) == {town: world.facts[town]}, text
        assert not any(footer in text for footer in FOOTERS_OF_PAGES)
        assert not any(line.strip() in NAVIGATION for line in text.split("\n"))


def test_the_web_has_copies_and_empty_pages_like_any_other(world):
    pages = list(web_pages(world, 2000, fresh_share=0.33, seed=0))
    assert len({page.url for page in pages}) == 2000
    bodies = collections.Counter(page.html for page in pages)
    assert 10 < sum(count - 1 for count in bodies.values()) < 90
    assert 5 < sum(len(page.html) < 100 for page in pages) < 45


def test_a_third_of_the_pages_are_about_towns_known_nowhere_else(world):
    pages = [main_text(page.html) for page in web_pages(world, 200, fresh_share=0.33, seed=2)]
    subjects = [title[1] for title in map(read_genre, pages) if title]
    assert 0.2 < sum(subject in world.fresh_towns for subject in subjects) / len(subjects) < 0.46


def test_one_seed_gives_one_web(world):
    assert list(web_pages(world, 50, 0.5, seed=3)) == list(web_pages(world, 50, 0.5, seed=3))
