"""Scorecards and judgements small enough to reason about."""

from quintain.benchmarks.benchmark import Benchmark, Item
from quintain.benchmarks.constraints import GivenItems
from quintain.benchmarks.scoring import make_scorecard
from quintain.records import ConstraintItem, Judgement
from quintain.registry.lineage import Lineage
from quintain.registry.measured import Measured
from quintain.registry.registration import Candidate
from quintain.statistics.resampling import Resampling

CATEGORIES = ("content", "situation", "style", "format", "example", "mixed")
DIGEST = "0" * 64
SAMPLING = {"temperature": 0.0, "top_p": 1.0, "max_new_tokens": 8, "seed": 0}


def items(groups=20, name="pack"):
    return [
        ConstraintItem(
            example_id=f"{c}-{g}", category=c, level=level, instruction=f"{name} {c} {g} {level}", source=name
        )
        for c in CATEGORIES
        for g in range(groups)
        for level in range(1, 6)
    ]


def judged(pack, passes):
    """Judge a pack: an item holds when `passes(category, group number, level)`."""
    return [
        Judgement(
            item_id=item.id, example_id=item.example_id, category=item.category, level=item.level,
            satisfied=(bool(passes(item.category, int(item.example_id.split("-")[1]), item.level)),) * item.level,
            by="rule:test",
        )
        for item in pack
    ]  # fmt: skip


def scorecard(pack, judgements, model="student", rules="test", sampling=SAMPLING, digest=DIGEST, name="pack"):
    return make_scorecard(
        GivenItems(pack, name=name, rules=rules),
        judgements,
        model=model,
        model_digest=digest,
        sampling=sampling,
        resampling=Resampling(replicates=200),
    )


def sums(passes, n=200, student="student", digest=DIGEST, name="sums"):
    """A benchmark without levels and categories: item number i holds when `passes(i)`."""
    benchmark = Sums(n)
    benchmark.name = name
    judgements = [benchmark.judged(item, "", score=float(passes(i))) for i, item in enumerate(benchmark.items)]
    card = make_scorecard(
        benchmark, judgements, model=student, model_digest=digest, sampling=SAMPLING,
        resampling=Resampling(replicates=200),
    )  # fmt: skip
    return Measured(card, judgements)


class Sums(Benchmark):
    name = "sums"

    def __init__(self, n):
        self.n = n

    def load_items(self):
        return [Item(prompt=f"What is 2 + {i}?", target=str(2 + i)) for i in range(self.n)]

    def judge(self, item, response):
        return self.judged(item, response, score=float(item.target in response.split()))


def half(category, group, level):
    return (group + level) % 2 == 0


def good(category, group, level):
    return (group + level) % 2 == 0 or group % 4 == 0


def candidate(
    student="base", digest="a" * 64, passes=half, parents=(), pack=None, path="data/06_models/base", others=None
):
    """A student with its scorecard on `pack`, and on further benchmarks: name → what was measured."""
    pack = pack or items()
    judgements = judged(pack, passes)
    measured = {"pack": Measured(scorecard(pack, judgements, model=student, digest=digest), judgements)}
    return Candidate(
        student=student,
        path=path,
        digest=digest,
        size_bytes=1,
        measured=measured | (others or {}),
        stage_metrics={"training.last_loss": 0.5},
        lineage=Lineage(git_commit="c" * 40, parents=parents, dvc_path=path, parameters={"steps": "3"}),
        description=f"# {student}",
    )
