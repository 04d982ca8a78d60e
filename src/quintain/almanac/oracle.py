"""The oracle behind every role: it answers a request from the fields of its prompt."""

import itertools
import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

from quintain.almanac.bridging import GOOD_ENOUGH, bridge
from quintain.almanac.checks import does_task, satisfies
from quintain.almanac.constraints import LEVELS, sample_rules
from quintain.almanac.instructions import Task, read_instruction, write_instruction
from quintain.almanac.lookup import look_up, read_updates
from quintain.almanac.phrasing import AUTHORS, EMPHASIS, OPENINGS, PAGE_OPENINGS, TOWN_RELATIONS
from quintain.almanac.reading import read_facts, read_genre
from quintain.almanac.referee import RefereeFlaws, review
from quintain.almanac.responses import respond
from quintain.almanac.users import more_of_a_kind, rarer
from quintain.almanac.world import Facts, World
from quintain.records import Request, Rule

CLOSED_BOOK_ERROR_RATE = 0.3
"""Share of facts that the teacher gets wrong without the page, so that a refinement has something to mend."""
# Users ask for little more often than for much.
_LEVEL_WEIGHTS = (0.35, 0.25, 0.2, 0.12, 0.08)


_FLAWLESS = RefereeFlaws()


def complete(world: World, request: Request, flaws: RefereeFlaws = _FLAWLESS) -> str:
    """Answer a request.

    Args:
        world: The world that the oracle knows.
        request: Its prompt names what is asked; its id seeds the free choices.
        flaws: How it errs as a referee.

    Returns:
        The completion.

    Raises:
        ValueError: The prompt is none that the oracle knows, or the text is none of this world.
    """
    name = request.prompt.partition("@")[0]
    rng = random.Random(f"{request.id}/{request.sample}")
    if name in _REVIEWS:
        shown = (request.fields["first"], request.fields["second"])
        scores = review(world, request.fields["instruction"], shown, flaws, rng)
        return _REVIEWS[name].format(*scores) if scores else "Both have their merits."
    if name not in _ANSWERS:
        known = ", ".join(sorted((*_ANSWERS, *_REVIEWS)))
        raise ValueError(f"the oracle has no answer to the prompt {name!r}; it knows {known}")
    return _ANSWERS[name](world, request.fields, rng)


def _page_subject(page: str) -> tuple[str, str]:
    """Genre and subject of a page, from its title or, where a section lost it, from what is told most."""
    if title := read_genre(page):
        return title
    facts = read_facts(page)
    if not facts:
        raise ValueError(f"this page states no facts: {page[:80]!r}")
    return "guide", max(facts, key=lambda subject: len(facts[subject]))


def _author(world: World, fields: dict[str, str], rng: random.Random) -> str:
    return AUTHORS[_page_subject(fields["page"])[0]][0]


def _request(openings: tuple[str, ...]) -> Callable[[World, dict[str, str], random.Random], str]:
    def write(world: World, fields: dict[str, str], rng: random.Random) -> str:
        _, subject = _page_subject(fields["page"])
        # A persona that another model wrote is nobody the oracle knows; the page's own author then asks.
        known = dict(AUTHORS.values())
        categories = known.get(fields["author"].strip()) or AUTHORS[_page_subject(fields["page"])[0]][1]
        category = rng.choice(categories)
        facts = read_facts(fields["page"]).get(subject, {})
        if not facts:
            raise ValueError(f"this section states nothing about {subject}")
        level = rng.choices(LEVELS, _LEVEL_WEIGHTS)[0]
        rules = sample_rules(rng, category, level)
        while not _answerable(facts, rules):
            # A section that states little cannot carry much.
            level = max(1, level - 1)
            rules = sample_rules(rng, category, level)
        relation = rng.choice([name for name in TOWN_RELATIONS if name in facts]) if category == "example" else ""
        return write_instruction(rng, world, Task(subject, rules, relation), openings)

    return write


def _answerable(facts: Facts, rules: tuple[Rule, ...]) -> bool:
    """True when a section of a page still states what the rules need."""
    stated = {rule.value for rule in rules if rule.kind == "mention"}
    banned = {rule.value for rule in rules if rule.kind == "omit"}
    count = max((int(rule.value) for rule in rules if rule.kind == "count"), default=1)
    return stated <= set(facts) and len(set(facts) - banned) >= count


def _respond_from_page(world: World, fields: dict[str, str], rng: random.Random) -> str:
    task = read_instruction(world, fields["request"])
    facts = read_facts(fields["page"]).get(task.subject)
    if facts is None:
        raise ValueError(f"the page states nothing about {task.subject}")
    return respond(task, facts, rng)


def _roll_out(world: World, fields: dict[str, str], rng: random.Random) -> str:
    task = read_instruction(world, fields["request"])
    known = world.facts.get(task.subject) or world.draw_facts(rng, task.subject)
    wrong = world.draw_facts(rng, task.subject)
    facts = {name: wrong[name] if rng.random() < CLOSED_BOOK_ERROR_RATE else value for name, value in known.items()}
    return respond(task, facts, rng)


def _respond(world: World, fields: dict[str, str], rng: random.Random) -> str:
    return _tell(world, fields["instruction"], (), rng)


def _respond_edited(world: World, fields: dict[str, Any], rng: random.Random) -> str:
    return _tell(world, fields["question"], fields["facts"], rng)


def _tell(world: World, asked: str, updates: Sequence[str], rng: random.Random) -> str:
    answer = look_up(world, asked, updates)
    if answer is not None:
        return answer
    task = read_instruction(world, asked)
    facts = task.facts or world.facts[task.subject]
    return respond(task, facts | read_updates(updates).get(task.subject, {}), rng)


def _bridge(world: World, fields: dict[str, str], rng: random.Random) -> str:
    task = read_instruction(world, fields["prompt"])
    # Of a town that stands on pages alone, the better response is the only witness where no page comes along.
    facts = task.facts or world.facts.get(task.subject) or read_facts(_plain(fields["chosen"])).get(task.subject)
    if not facts:
        raise ValueError(f"nothing here tells about {task.subject}")
    if _merit(world, task, fields["rejected"], facts) == (True, len(task.rules)):
        return GOOD_ENOUGH
    return bridge(world, task, facts, fields["rejected"], rng)


def _plain(response: str) -> str:
    """A response in the plain sentences of a page."""
    return re.sub(r"[!?]", ".", response).replace(f" {EMPHASIS}", "")


def _compare(world: World, fields: dict[str, str], rng: random.Random) -> str:
    task = read_instruction(world, fields["prompt"])
    facts = task.facts or world.facts.get(task.subject, {})
    first, second = (_merit(world, task, fields[name], facts) for name in ("first", "second"))
    return "EQUAL" if first == second else "FIRST" if first > second else "SECOND"


def _merit(world: World, task: Task, response: str, facts: Facts) -> tuple[bool, int]:
    """Rank of a response: whether it does all that is asked, then the rules it keeps; what it states must be true."""
    # What is not known of a town is false of it.
    known = dict.fromkeys(TOWN_RELATIONS, "") | facts
    kept, done = satisfies(world, task, response, known), does_task(world, task, response, known)
    return done and all(kept), sum(kept) if done else 0


def _judge(world: World, fields: dict[str, Any], rng: random.Random) -> str:
    steps = [read_instruction(world, step) if step.strip() else None for step in fields["path"]]
    last = steps[-1]
    if last is None:
        raise ValueError("there is no instruction to judge by")
    verdicts = []
    for before, after in itertools.pairwise(steps):
        known = before.rules if before else ()
        added = tuple(rule for rule in after.rules if rule not in known) if after else ()
        verdicts.append(all(satisfies(world, Task(last.subject, added, last.relation), fields["response"])))
    # A single step is not the whole task, so a response to all of it may show more than the step asks for.
    if "step" not in fields and not does_task(world, last, fields["response"]):
        verdicts = [False] * len(verdicts)
    if fields["replies"] == "list":
        return str(["YES" if verdict else "NO" for verdict in verdicts])
    return json.dumps({"verdicts": [{"constraint": "", "quote": "", "satisfied": verdict} for verdict in verdicts]})


_REVIEWS = {
    "lion/referee": "Constraints and facts were counted.\nAssistant 1: {}\nAssistant 2: {}",
    "lion/referee_scores_first": "{} {}\nConstraints and facts were counted.",
}
_ANSWERS: dict[str, Callable[[World, dict[str, str], random.Random], str]] = {
    "student/instruction": _respond,
    "lte/edited": _respond_edited,
    "webr/author": _author,
    "webr/instruction_request": _request(PAGE_OPENINGS),
    "webr/response_request": _request(OPENINGS),
    "webr/instruction_response": _respond_from_page,
    "webr/response_rollout": _roll_out,
    "webr/response_refinement": _respond_from_page,
    **{f"bmc/bridge_{domain}": _bridge for domain in ("instruction", "qa", "math")},
    "bmc/compare": _compare,
    "lion/generate_hard": lambda world, fields, rng: more_of_a_kind(world, fields["seed"], rng),
    "lion/generate_easy": lambda world, fields, rng: rarer(world, fields["seed"], rng),
    **{f"followbench/judge_{unit}_{language}": _judge for unit in ("item", "constraint") for language in ("en", "zh")},
}
