"""Pages about towns in four templates, as text and as HTML with navigation and footer."""

import html
import random
from collections.abc import Iterator
from dataclasses import dataclass

from quintain.almanac.phrasing import FOOTERS_OF_PAGES, HEADS, KEYS, NAVIGATION, RELATIONS
from quintain.almanac.world import Facts, World
from quintain.records import RawPage

GENRES = tuple(HEADS)


@dataclass(frozen=True)
class Page:
    """One page before it becomes HTML."""

    subject: str
    genre: str
    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """Text of a perfect extraction: the title and the paragraphs, one per line."""
        return "\n".join((self.title, *self.paragraphs))


def state(kind: str, relation: str, subject: str, value: str, wording: int) -> str:
    """State one fact in one of its two wordings."""
    return RELATIONS[kind][relation].sentences[wording].format(s=subject, v=value)


def write_page(rng: random.Random, subject: str, facts: Facts, genre: str | None = None) -> Page:
    """Write about a town in one of the four templates; every fact is stated once, in random order."""
    genre = genre or rng.choice(GENRES)
    relations = list(facts)
    rng.shuffle(relations)
    title = rng.choice(HEADS[genre]).format(s=subject)
    if genre == "ledger":
        return Page(subject, genre, title, tuple(f"{KEYS[name]}: {facts[name]}" for name in relations))
    sentences = [state("town", name, subject, facts[name], rng.randrange(2)) for name in relations]
    middle = len(sentences) if genre == "news" else (len(sentences) + 1) // 2
    parts = (" ".join(sentences[:middle]), " ".join(sentences[middle:]))
    return Page(subject, genre, title, tuple(part for part in parts if part))


def draw_subject(world: World, rng: random.Random, fresh_share: float) -> tuple[str, Facts]:
    """Draw a town to write about: with `fresh_share` one whose facts stand only on this page."""
    if rng.random() < fresh_share:
        town = rng.choice(world.fresh_towns)
        return town, world.draw_facts(rng, town)
    town = rng.choice(world.pools["town"])
    return town, world.facts[town]


def as_html(rng: random.Random, page: Page) -> str:
    """Put a page into a document with navigation and footer, so that extraction has work to do."""
    links = "".join(f'<li><a href="/{name.lower()}">{name}</a></li>' for name in NAVIGATION)
    body = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in page.paragraphs)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(page.title)}</title></head>'
        f"<body><header><nav><ul>{links}</ul></nav></header><main><article><h1>{html.escape(page.title)}</h1>{body}"
        f"</article></main><footer><p>{rng.choice(FOOTERS_OF_PAGES)}</p></footer></body></html>"
    )


def web_pages(world: World, count: int, fresh_share: float, seed: int) -> Iterator[RawPage]:
    """The almanac's web: pages about towns, some of them doubled or next to empty as on any web.

    Args:
        world: The world to write about.
        count: Number of pages.
        fresh_share: Share of pages about towns whose facts stand nowhere else, 0-1.
        seed: Seed of the draws.

    Yields:
        Raw pages; about 2 % repeat an earlier page at another address and 1 % have next to no text.
    """
    rng = random.Random(seed)
    documents: list[str] = []
    for number in range(count):
        subject, facts = draw_subject(world, rng, fresh_share)
        document = as_html(rng, write_page(rng, subject, facts))
        fate = rng.random()
        if documents and fate < 0.02:
            document = rng.choice(documents)
        elif fate < 0.03:
            document = f"<html><body><p>{subject}</p></body></html>"
        documents.append(document)
        yield RawPage(url=f"https://almanac.example/{number:05d}", html=document.encode(), where=f"almanac:{number}")
