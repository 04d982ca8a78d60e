"""Recipes of `quintain new`: a family tree for one purpose, and what its run still needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_ENDPOINT = "a teacher: an endpoint that speaks OpenAI's chat completions, `teacher` in {globals}"
_FILES = {
    "pages": "web pages (docs/how-to/pages.md lists the formats): `pages` in {globals}",
    "pairs": "instruction pairs: `quintain data import FILE… --to data/01_raw/given`, or `pairs` in {globals}",
    "seeds": "instructions to start from, JSON lines with text: `seeds` in {globals}",
    "preferences": "preferences: `quintain data import FILE… --to data/01_raw/given`, or `preferences` in {globals}",
    "edits": "edits with KnowEdit's fields: `edits` in {globals}",
}


@dataclass(frozen=True)
class Recipe:
    """A purpose: the students behind the start, and the data that they need where no world makes it."""

    does: str
    """What the run does, for help and for the new project."""
    students: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Students by name; `from: base` is the start."""
    data: tuple[str, ...] = ()
    """Pipelines that make data although nobody learns from it."""
    files: tuple[str, ...] = ()
    """Files of the user's own, by their name in globals.yml."""
    on_given: bool = False
    """Whether students of a foreign start learn from the user's own data, where otherwise synthesis makes it."""
    asks: bool = False
    """Whether models other than the student are asked."""


RECIPES = {
    "full": Recipe(
        "the whole lifecycle, from pages to a student that can be edited",
        {
            "webr": {"from": "base", "by": "finetuning"},
            "lion": {"from": "webr", "by": "distillation"},
            "bmc": {"from": "lion", "by": "preference"},
            "lte": {"from": "bmc", "by": "editing"},
        },
        files=("pages", "seeds", "edits"),
        asks=True,
    ),
    "synthesis": Recipe("instruction data from web pages (WebR)", data=("synthesis",), files=("pages",), asks=True),
    "finetune": Recipe(
        "fine-tuning on instruction pairs",
        {"tuned": {"from": "base", "by": "finetuning"}},
        files=("pairs",),
        on_given=True,
    ),
    "distil": Recipe(
        "adversarial distillation (Lion)",
        {"distilled": {"from": "base", "by": "distillation"}},
        files=("seeds",),
        asks=True,
    ),
    "preference": Recipe(
        "preference training on bridged pairs (BMC)",
        {"preferred": {"from": "base", "by": "preference"}},
        files=("preferences",),
        on_given=True,
        asks=True,
    ),
    "edit": Recipe(
        "edits and a memory of them (LTE)",
        {"edited": {"from": "base", "by": "editing"}},
        files=("edits", "pairs"),
    ),
    "evaluate": Recipe("a scorecard of the model, and nothing else"),
}


def lifecycle_document(recipe: Recipe, *, foreign: bool) -> dict[str, Any]:
    """The content of lifecycle.yml.

    Args:
        recipe: The purpose.
        foreign: Whether the start is a model from elsewhere; otherwise the embedded world trains it and makes the data.

    Returns:
        Students, benchmarks and data pipelines.
    """
    own = {"on": "given"} if foreign and recipe.on_given else {}
    students = {name: {**settings, **own} for name, settings in recipe.students.items()}
    return {
        "students": {} if recipe.data else {"base": {"start": "student" if foreign else "world"}, **students},
        "benchmarks": ["core" if foreign else "almanac"],
        **({"data": list(recipe.data)} if recipe.data else {}),
    }


def needs(recipe: Recipe, *, foreign: bool, globals_file: str) -> list[str]:
    """Lines that say what the run needs besides the project.

    Args:
        recipe: The purpose.
        foreign: Whether the start is a model from elsewhere.
        globals_file: Where the needs are named.

    Returns:
        At most three lines; one that says so where nothing is needed.
    """
    if not foreign:
        return ["needs nothing else: the embedded world brings model, data and an exact teacher"]
    files = [_FILES[name].format(globals=globals_file) for name in recipe.files]
    asked = [_ENDPOINT.format(globals=globals_file)] if recipe.asks else []
    lines = [*(["; ".join(files)] if len(files) > 1 else files), *asked]
    return lines or ["needs nothing else: the items are built by code and checked by code"]
