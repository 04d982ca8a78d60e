"""Make the world and a student that grew up in it.

Kedro reads the annotations of nodes at run time to build typed parameters, so types of slow imports are `Any` here.
"""

import itertools
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from quintain.almanac.corpus import lexicon, passages
from quintain.almanac.pack import build_pack as build_almanac_pack
from quintain.almanac.pages import web_pages
from quintain.almanac.questions import facts_on_a_page, known_facts
from quintain.almanac.tasks import arithmetic_rows, two_hop_rows
from quintain.almanac.users import user_instructions
from quintain.almanac.world import WorldParams, world_as_json, world_from_json
from quintain.almanac.world import make_world as draw_world
from quintain.fields import Count, NotNegative, Seed, Share, check
from quintain.records import ConstraintItem, Instruction, RawPage, content_id
from quintain.training.pretraining import ArchitectureParams, PretrainingParams

SCRATCH = Path("scratch/pretraining")
# The names are said often enough that each becomes one token even in a small corpus.
_LEXICON_REPEATS = 3


@dataclass(frozen=True)
class PageParams:
    """The almanac's web.

    Raises:
        ValueError: A value is out of range.
    """

    count: Count
    """Pages."""
    fresh_share: Share
    """Share of pages about towns whose facts stand on no other page."""
    seed: Seed
    """Seed of the draws."""

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class AlmanacPackParams:
    """Size of the evaluation pack."""

    groups_per_category: Count
    """Groups of items in each of the six categories; a group has one item per level."""
    seed: Seed
    """Seed of the draws."""

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class QuestionParams:
    """Sizes of the two tasks with local files, `almanac_arithmetic` and `almanac_two_hop`."""

    count: Count
    """Questions of each."""
    seed: Seed
    """Seed of the draws."""

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class SeedParams:
    """Settings of the users' instructions from which distillation starts.

    Raises:
        ValueError: A value is out of range.
    """

    count: Count
    """Instructions."""
    tail: NotNegative
    """Exponent on the weights of the categories; see `user_instructions`."""
    skew: NotNegative
    """Zipf exponent inside a category."""
    seed: Seed
    """Seed of the draws."""

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class TokenizerParams:
    """Size of the vocabulary and of the corpus it is made from."""

    vocab_size: Count
    """Entries of the vocabulary."""
    passages: Count
    """Passages that it is made from."""

    def __post_init__(self) -> None:
        check(self)


def make_world(params: WorldParams) -> dict[str, Any]:
    """Draw entities and facts."""
    return world_as_json(draw_world(params))


def write_pages(world: dict[str, Any], params: PageParams) -> list[RawPage]:
    """Write the world's web pages as HTML."""
    return list(web_pages(world_from_json(world), params.count, params.fresh_share, params.seed))


def build_pack(world: dict[str, Any], params: AlmanacPackParams) -> list[ConstraintItem]:
    """Build the evaluation pack; every group proves itself on the way."""
    return build_almanac_pack(world_from_json(world), params.groups_per_category, params.seed)


def draw_questions(world: dict[str, Any], params: QuestionParams) -> dict[str, list[dict[str, Any]]]:
    """Draw the rows of two tasks: arithmetic, and facts about facts."""
    return {
        "arithmetic": [dict(row) for row in arithmetic_rows(params.count, params.seed)],
        "two_hop": two_hop_rows(world_from_json(world), params.count, params.seed),
    }


def draw_seeds(world: dict[str, Any], params: SeedParams) -> list[Instruction]:
    """Draw what users ask: much of a little, little of much."""
    return user_instructions(world_from_json(world), params.count, params.tail, params.skew, params.seed)


def train_tokenizer(
    world: dict[str, Any], params: TokenizerParams, architecture: ArchitectureParams, pretraining: PretrainingParams
) -> Any:
    """Train the student's tokenizer on the world's texts."""
    from quintain.training.tokenizer import train_tokenizer as train

    almanac = world_from_json(world)
    # Another seed than the student's corpus: the vocabulary must not be fitted to the very texts it will be scored on.
    texts = itertools.islice(passages(almanac, pretraining.chat_share, pretraining.seed + 1), params.passages)
    said = (f"{passage.instruction}\n{passage.text}" for passage in texts)
    names = (line for line in lexicon(almanac) for _ in range(_LEXICON_REPEATS))
    return train(itertools.chain(said, names), almanac.names, params.vocab_size, architecture.context_tokens)


def pretrain_base(
    world: dict[str, Any],
    tokenizer: Any,
    architecture: ArchitectureParams,
    params: PretrainingParams,
) -> tuple[tuple[Any, Any], Any, dict[str, Any]]:
    """Train the base student from scratch: the student, its loss curve, and how it went."""
    import pandas as pd

    from quintain.training.passages import sequences
    from quintain.training.pretraining import pretrain, small_llama

    almanac = world_from_json(world)
    stream = ((passage.instruction, passage.text) for passage in passages(almanac, params.chat_share, params.seed))
    texts = sequences(tokenizer, stream, params.tokens, params.longest_passage_tokens)
    model = small_llama(architecture, tokenizer, params.seed)
    started = time.monotonic()
    scratch = SCRATCH / content_id(asdict(architecture), asdict(params))
    curve = pretrain(model, texts, int(tokenizer.pad_token_id), params, scratch)
    seconds = time.monotonic() - started
    # The folder keeps how a tokenizer padded last, so that is part of the student's digest; it is asked in batches.
    tokenizer([tokenizer.bos_token], padding=True)
    summary = {
        "parameters": model.num_parameters(),
        "steps": curve[-1].step,
        "tokens": curve[-1].tokens,
        "seconds": round(seconds, 1),
        "tokens_per_second": round(curve[-1].tokens / seconds),
        "first_loss": curve[0].loss,
        "last_loss": curve[-1].loss,
    }
    return (model, tokenizer), pd.DataFrame([asdict(point) for point in curve]), summary


def probe_base(
    world: dict[str, Any], student: tuple[Any, Any], summary: dict[str, Any], params: PretrainingParams
) -> dict[str, Any]:
    """Ask the trained student what it knows by heart and what it can read off a page: the report of its training."""
    from quintain.training.probes import recall

    almanac = world_from_json(world)
    return {
        **summary,
        "recall": recall(*student, known_facts(almanac, 300, seed=params.seed)),
        "reading": recall(*student, facts_on_a_page(almanac, 300, seed=params.seed)),
    }
