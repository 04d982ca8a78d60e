"""Requests of each pipeline to its models, from its settings and its data, before anything is asked.

The prompts are the real ones, rendered for a sample where there are many; what models will write is assumed.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.cli.forecast_project import Project, model_of

if TYPE_CHECKING:
    from quintain.usage import RoleUsage

SAMPLE = 200
"""Prompts that are rendered; of more the mean is taken."""
_SYNTHESIS_SAMPLE = 2000
_CHARACTERS_PER_TOKEN = 4
_FILLER = "text "
_SCORE_TOKENS = 120
"""Expected length of a referee's review, or of a comparison."""
_INSTRUCTION_TOKENS = 60
"""Expected length of a generated instruction."""


@dataclass(frozen=True)
class Asked:
    """Facts of a run that are known beforehand."""

    calls: "list[RoleUsage]"
    """One entry per question."""
    notes: tuple[str, ...] = ()
    """What a reader should know of the numbers."""


def _text(tokens: int) -> str:
    return _FILLER * max(1, tokens * _CHARACTERS_PER_TOKEN // len(_FILLER))


def synthesis(project: Project) -> Asked:
    """Three or four questions per page; where only some pairs are wanted, of as many pages as it takes."""
    from quintain.methods.webr import WebrParams, forecast_calls
    from quintain.pipelines.synthesis.nodes import extract_pages
    from quintain.web import IngestionParams, PageLimits

    params = project.params(WebrParams, None, "synthesis.method")
    limits = project.params(PageLimits, None, "synthesis.extraction")
    ingestion = project.params(IngestionParams, None, "synthesis.ingestion")
    models = {role: model_of(role, project.roles) for role in ("author", "teacher")}
    source = "raw_pages" if project.lifecycle.world else "given_pages"
    pages, _ = extract_pages(project.load(source), limits, ingestion)
    count, notes = len(pages), []
    wanted = params.max_rows if params.mode == "robust" else 0
    if wanted:
        share = _kept_share(project.data)
        count = min(count, math.ceil(wanted / share))
        known = (
            f"of the pages of the last run {share:.0%} became pairs" if share < 1 else "if every page becomes a pair"
        )
        notes.append(f"max_rows is {wanted:,}: {count:,} of {len(pages):,} pages are asked about, {known}")
    sample = [page for page, _ in zip(pages, range(min(count, _SYNTHESIS_SAMPLE)), strict=False)]
    calls = forecast_calls(sample, params, models, response_tokens=project.response_tokens)
    return Asked([_scaled(one, count, len(sample)) for one in calls], tuple(notes))


def _kept_share(data: Path) -> float:
    """Share of the drafts that became pairs in the last run; 1 where there was none."""
    import json

    try:
        funnel = json.loads((data / "08_reporting/synthesis_funnel.json").read_bytes())["pairs"]
        return float(funnel["contamination"]["passed"] / funnel["author"]["entered"]) or 1.0
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return 1.0


def _scaled(usage: "RoleUsage", count: int, of: int) -> "RoleUsage":
    from dataclasses import replace

    if count == of or not of:
        return usage
    return replace(
        usage,
        calls=round(usage.calls * count / of),
        prompt_tokens=round(usage.prompt_tokens * count / of),
        completion_tokens=round(usage.completion_tokens * count / of),
    )


def distillation(project: Project) -> Asked:
    """Teacher, student, referee and generator over all rounds, if none is left out."""
    from quintain.methods import lion
    from quintain.methods.lion import LionParams
    from quintain.records import Response

    calls: list[RoleUsage] = []
    notes = ["no round is left out and no seed is dropped; second opinions and rejected candidates come on top"]
    for student in project.students("distillation"):
        params = project.params(LionParams, student, "distillation.method")
        rounds = len(student.rounds)
        seeds, _ = lion.distinct(project.load(student.on))
        some = seeds[:SAMPLE]
        asked = lion.ask_responses(some)
        long = project.response_tokens
        said = {
            role: {
                one.id: Response(instruction_id=one.id, role=role, text=_text(long), finish_reason="stop")
                for one in some
            }  # type: ignore[arg-type]
            for role in ("teacher", "student")
        }
        pools = [len(seeds) + number * params.per_round for number in range(rounds)]
        matches = lion.matchups(some, said["teacher"], said["student"], params)
        orders = 2 if params.both_orders else 1
        judged = [
            min(pool, math.ceil(params.referee_share * pool) + min(params.probe_size, len(seeds))) for pool in pools
        ]
        controls = 0 if params.strict else params.controls * orders * rounds
        draws = [lion.Draw(seed, "hard", 0) for seed in some]
        calls += [
            project.usage("teacher", asked, len(seeds) + rounds * params.per_round, long),
            project.usage("student", asked, sum(pools), long),
            project.usage("referee", lion.ask_referee(matches, params), orders * sum(judged) + controls, _SCORE_TOKENS),
            project.usage("generator", lion.ask_generator(draws), rounds * params.per_round, _INSTRUCTION_TOKENS),
        ]
        notes.append(
            f"{student.name}: {rounds} rounds on {len(seeds):,} seeds; the generator is asked {params.attempts} times "
            "as often at most"
        )
        if params.most_calls is not None:
            notes.append(
                f"{student.name}: no further instruction is generated after {params.most_calls:,} calls (most_calls)"
            )
    return Asked(calls, tuple(notes))


def preference(project: Project) -> Asked:
    """Losing responses of the student, bridges, and comparisons."""
    from quintain.methods.bmc.bridge import BridgeParams, ask_bridges, ask_comparisons
    from quintain.pipelines.preference.losers import LoserParams
    from quintain.pipelines.preference.pairs import PairParams
    from quintain.prompts import request
    from quintain.records import PreferencePair

    calls: list[RoleUsage] = []
    for student in project.students("preference"):
        losers = project.params(LoserParams, student, "preference.losers")
        pairs = project.params(PairParams, student, "preference.pairs")
        bridging = project.params(BridgeParams, student, "preference.bridging")
        known = list(project.load(student.on))
        some = [
            PreferencePair(
                prompt=getattr(one, "instruction", "") or getattr(one, "prompt", ""),
                chosen=getattr(one, "response", "") or getattr(one, "chosen", ""),
                rejected=_text(project.response_tokens),
            )
            for one in known[:SAMPLE]
        ]
        sampled = 0 if losers.source == "given" else min(losers.prompts, len(known)) * losers.samples
        found = sampled if losers.source == "student" else sampled + min(losers.prompts, len(known))
        if sampled:
            asked = [request("student/instruction", {"instruction": one.prompt}) for one in some]
            calls.append(project.usage("student", asked, sampled, project.response_tokens))
        if pairs.pairs != "unbridged":
            calls.append(project.usage("bridger", ask_bridges(some, bridging), found, project.response_tokens))
            if pairs.compared:
                calls.append(project.usage("judge", ask_comparisons(some), found, _SCORE_TOKENS))
    return Asked(calls, ("every response of the student is taken for a losing one, so calls are an upper bound",))


def editing(project: Project) -> Asked:
    """Responses to questions that no label answers; the trials of the student are asked of its weights alone."""
    from quintain.almanac.edits import EditParams
    from quintain.lifecycle.student import WORLD
    from quintain.methods.lte.alignment_rows import AlignmentRowParams, ask_responses
    from quintain.pipelines.editing import nodes

    calls: list[RoleUsage] = []
    for student in project.students("editing"):
        edits = project.params(EditParams, student, "editing.edits")
        rows = project.params(AlignmentRowParams, student, "editing.rows")
        labels = project.params(nodes.LabelParams, student, "editing.labels")
        embedder = project.settings(student, "editing").get("embedder", "hashed-ngrams")
        if student.on == WORLD:
            from quintain.benchmarks.decontamination import Decontamination

            world = project.load("world")
            learned, _, _ = nodes.draw_edits(world, edits)
            texts = nodes.draw_free_text(world, rows, Decontamination())
        else:
            learned, *_ = nodes.split_edits(project.load(student.on), edits)
            texts = []
        requests = ask_responses(nodes.draft_alignment_rows(learned, texts, rows, embedder))
        role = "teacher" if labels.by == "teacher" else "student"
        written = min(project.response_tokens, labels.max_new_tokens) if role == "student" else project.response_tokens
        calls.append(project.usage(role, requests[:: max(1, len(requests) // SAMPLE)], len(requests), written))
    return Asked(calls)


def _benchmarks(project: Project) -> "Iterator[tuple[Any, int]]":
    """Benchmarks, each with the number of students that it scores."""
    for name in project.lifecycle.held_out:
        students = sum(name in student.benchmarks for student in project.lifecycle.students)
        if students:
            yield project.load(f"{name}.items@benchmark"), students


def judging(project: Project) -> Asked:
    """Questions that no rule can answer, to every judge; and its trial where the truth is known."""
    from quintain.benchmarks.judging.calibration import Floor
    from quintain.benchmarks.judging.questions import ask_judge, make_cases
    from quintain.pipelines.evaluation.judges import proofs_for
    from quintain.pipelines.evaluation.settings import JudgingParams, own

    params = project.params(JudgingParams, None, "evaluation.judging")
    floor = project.params(Floor, None, "evaluation.calibration")
    by_benchmark = project.settings(None, "evaluation.by_benchmark")
    players = project.roles.bound_to("judge")
    filler = _text(project.response_tokens)
    calls: list[RoleUsage] = []
    notes = []
    for benchmark, students in _benchmarks(project):
        waiting = [item for item in benchmark.items if benchmark.judge(item, filler).needs_judge]
        if not waiting:
            notes.append(f"{benchmark.name}: rules tell everything, no judge is asked")
            continue
        if pairwise := benchmark.pairwise_judging():
            asked = pairwise.as_set(benchmark)
            blank = {each.id: pairwise.filler(each, filler) for each in asked.instructions}
            controls = min(pairwise.PARAMS.controls, len(asked.instructions))
            reviews = pairwise.review_requests(asked, blank, blank)
            count = 2 * students * len(reviews) + 2 * controls
            notes.append(
                f"{benchmark.name}: {len(asked.instructions):,} instructions in both orders, against the reference "
                f"and, where somebody holds the title, against the champion; {students} students"
            )
            calls += [project.usage(each, reviews[:SAMPLE], count, pairwise.REVIEW_TOKENS) for each in players]
            continue
        how = own(params, "judging", benchmark.name, by_benchmark).questioning(benchmark)
        cases = make_cases(waiting, {item.id: filler for item in waiting})
        requests = [request for case in cases for request in ask_judge(case, how)]
        trial = [
            request
            for known in proofs_for(benchmark, floor.cases_per_category)
            for request in ask_judge(known.case, how)
        ]
        notes.append(
            f"{benchmark.name}: {len(waiting):,} of {len(benchmark.items):,} items need a judge, {students} students"
        )
        for player in players:
            calls.append(project.usage(player, requests[:SAMPLE], len(requests) * students, _SCORE_TOKENS))
            if trial:
                calls.append(project.usage(player, trial[:SAMPLE], len(trial), _SCORE_TOKENS))
    if not players:
        notes.append("no model is bound to the role judge: what needs one is left unscored")
    return Asked(calls, tuple(notes))


def benchmarks(project: Project) -> Asked:
    """Every student answers each prompt of its benchmarks once."""
    from quintain.models.language_model import Sampling
    from quintain.pipelines.evaluation.settings import own

    sampling = project.params(Sampling, None, "evaluation.sampling")
    by_benchmark = project.settings(None, "evaluation.by_benchmark")
    calls = []
    for benchmark, students in _benchmarks(project):
        requests = list({asked.id: asked for asked in map(benchmark.ask, benchmark.items)}.values())
        longest = own(sampling, "sampling", benchmark.name, by_benchmark).max_new_tokens
        written = min(longest, project.response_tokens)
        calls.append(project.usage("student", requests[:SAMPLE], len(requests) * students, written))
    return Asked(calls)


FORECASTS: dict[str, Callable[[Project], Asked]] = {
    "synthesis": synthesis,
    "distillation": distillation,
    "preference": preference,
    "editing": editing,
    "judging": judging,
    "benchmarks": benchmarks,
}
"""What can be foretold → how."""
