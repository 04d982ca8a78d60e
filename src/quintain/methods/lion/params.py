"""The settings of Lion, with the paper's values where there are any."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from quintain.fields import Count, Natural, Seed, Share, check
from quintain.methods.lion.novelty import Tokens

Mode = Literal["paper", "robust"]
TrainOn = Literal["new", "cumulative", "replay"]
Dialect = Literal["last-lines", "first-line"]
Curriculum = Literal["pool", "balanced"]


@dataclass(frozen=True, kw_only=True)
class LionParams:
    """Settings of a round of distillation.

    `paper` follows the released code where its habits shape the result: reviews are read by its strict rules, one that
    cannot be read counts as the scores -1 and -1, nothing is asked twice, words are runs of ASCII letters, texts with
    the word "instruction" are dropped, the referee is not tried. `robust` repairs these.

    Raises:
        ValueError: A value is out of range.

    Source: arXiv:2305.12870, sections 3 and 4; repository YJiangcm/Lion.
    """

    mode: Mode = "robust"
    """`paper` or `robust`."""
    seed: Seed = 0
    """Seed of all draws."""
    per_round: Count = 6000
    """New instructions to accept in each round."""
    hard_share: Share = 0.5
    """Share of them generated from hard seeds; the rest comes from easy ones."""
    threshold: Annotated[float, Meta(ge=-9, le=10)] = 1.0
    """Mean gap from which an instruction is hard, in points of the referee's scale of 1-10."""
    both_orders: bool = True
    """Ask the referee twice, each response first once, so that a preference for a place cancels out."""
    dialect: Dialect = "last-lines"
    """How reviews end or begin: the scores on the two last lines, or both on the first."""
    referee_share: Share = 1.0
    """Share of the pool that the referee judges anew, evenly from every family; the probe set, what was generated in
    the last round and unchanged responses, which keep their gap, are not part of it."""
    curriculum: Curriculum = "pool"
    """`pool` draws every seed alike, `balanced` every family alike."""
    train_on: TrainOn = "new"
    """What the student learns in a round: the new pairs, all pairs so far, or the new ones mixed with earlier ones."""
    replay_share: Annotated[float, Meta(ge=0, lt=1)] = 0.5
    """Share of earlier pairs under `replay`."""
    similarity: Share = 0.7
    """Highest ROUGE-L F1 between a new instruction and any known one."""
    attempts: Count = 5
    """Candidates to ask for, at most, per instruction to accept."""
    probe_size: Natural = 100
    """Instructions of the start that are judged in every round to see whether the gap still closes."""
    hard_floor: Share = 0.02
    """Share of hard instructions below which the loop stops."""
    most_calls: Natural | None = None
    """Calls to teacher, referee and generator together after which no further instruction is generated."""
    most_unread: Share = 0.05
    """Share of instructions without a readable review from which a round has failed."""
    controls: Natural = 10
    """Instructions on which the referee is tried before it is believed: the teacher's response against one to another
    instruction. Robust only."""
    min_control_accuracy: Share = 0.7
    """Share of the controls in which the referee must put the right response ahead, by a point or more."""

    def __post_init__(self) -> None:
        check(self)

    @property
    def strict(self) -> bool:
        """True when the authors' habits are followed."""
        return self.mode == "paper"

    @property
    def tokens(self) -> Tokens:
        """Tokenization for ROUGE-L when novelty is measured."""
        return "rouge" if self.strict else "unicode"
