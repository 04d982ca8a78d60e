"""Discriminate: the referee tells what the student fails at."""

from dataclasses import dataclass, field

from quintain.datasets import ModelRef
from quintain.methods import lion
from quintain.methods.lion import LionParams
from quintain.models.language_model import Sampling
from quintain.models.roles import Roles, bind
from quintain.pipelines.distillation.rounds import STAGE, Report, by_id, by_instruction, goes_on
from quintain.records import (
    Completion,
    Gap,
    Instruction,
    PreferencePair,
    Response,
    Review,
)
from quintain.usage import RoleUsage


@dataclass(frozen=True)
class RefereeTrial:
    """The referee's performance on controls, where the truth is known, and the price of asking it."""

    spent: RoleUsage
    """All its calls in this round, controls included."""
    controls: int = 0
    correct: int = 0
    """Controls in which it put the right response ahead."""
    reason: str = ""
    """Why it is not to be believed, in one word; empty when it is."""
    detail: str = ""
    kept: list[Gap] = field(default_factory=list)
    """Gaps of earlier rounds that stand, since the student still says the same."""


def answer_cache_pool(
    pool: list[Instruction], model: ModelRef, before: Report, sampling: Sampling, roles: Roles
) -> list[Response]:
    """Let the student answer the whole cache pool."""
    if not goes_on(pool, before):
        return []
    with bind("student", roles, stage=STAGE, folder=model.path, sampling=sampling) as student:
        return lion.read_responses(pool, student.generate(lion.ask_responses(pool)), "student")


def review_responses(
    pool: list[Instruction],
    teacher: list[Response],
    student: list[Response],
    former_gaps: list[Gap],
    before: Report,
    params: LionParams,
    roles: Roles,
) -> tuple[list[Review], RefereeTrial]:
    """Try the referee, ask it about teacher and student, and once more where it is unread or contradicts itself."""
    if not student:
        return [], RefereeTrial(RoleUsage(role="referee"))
    by_teacher, by_student = by_instruction(teacher), by_instruction(student)
    model = bind("referee", roles, stage=STAGE)
    completions: list[Completion] = []

    def reviews_of(asked: list[lion.Matchup]) -> list[Review]:
        answers = model.generate(lion.ask_referee(asked, params))
        completions.extend(answers)
        return lion.read_reviews(asked, answers, params)

    asked = lion.controls(pool, by_teacher, params)
    tried = reviews_of(asked)
    control_gaps = lion.label_gaps(tried, {one.instruction.id: one.student for one in asked}, params)
    reason, detail = lion.doubt(tried, control_gaps, params)
    correct = lion.correct_controls(control_gaps)
    if reason:
        return [], RefereeTrial(RoleUsage.on("referee", completions), len(control_gaps), correct, reason, detail)
    former = {gap.instruction_id: gap for gap in former_gaps}
    judged, kept = lion.choose_judged(pool, by_student, former, before["round"] + 1, params)
    reviews = reviews_of(lion.matchups(judged, by_teacher, by_student, params))
    if not params.strict:
        again = set(lion.to_ask_again(reviews))
        second = [one for one in judged if one.id in again]
        reviews += reviews_of(lion.matchups(second, by_teacher, by_student, params, sample=1))
    return reviews, RefereeTrial(RoleUsage.on("referee", completions), len(control_gaps), correct, kept=kept)


def label_gaps(reviews: list[Review], student: list[Response], trial: RefereeTrial, params: LionParams) -> list[Gap]:
    """Label every judged instruction hard, easy or unread; gaps of earlier rounds that stand are among them."""
    return [*lion.label_gaps(reviews, by_instruction(student), params), *trial.kept]


def pair_preferences(
    pool: list[Instruction], teacher: list[Response], student: list[Response], gaps: list[Gap]
) -> list[PreferencePair]:
    """Keep what the referee put above something else as preference data."""
    return lion.preference_pairs(gaps, by_id(pool), by_instruction(teacher), by_instruction(student))
