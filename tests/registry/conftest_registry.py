"""Scorecards and judgements small enough to reason about."""

from quintain.benchmarks.satisfaction.scorecard import Pack, make_scorecard, pack_digest
from quintain.records import ConstraintItem, Judgement
from quintain.registry.lineage import Lineage
from quintain.registry.registration import Candidate
from quintain.statistics.resampling import Resampling

CATEGORIES = ("content", "situation", "style", "format", "example", "mixed")
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


def scorecard(pack, judgements, model="student", rules="test", sampling=SAMPLING):
    return make_scorecard(
        pack,
        judgements,
        model=model,
        model_digest="0" * 64,
        pack=Pack(name="pack", digest=pack_digest(pack), language="en", rules=rules),
        sampling=sampling,
        resampling=Resampling(replicates=200),
    ).as_dict()


def half(category, group, level):
    return (group + level) % 2 == 0


def good(category, group, level):
    return (group + level) % 2 == 0 or group % 4 == 0


def candidate(student="base", digest="a" * 64, passes=half, parents=(), pack=None, path="data/06_models/base"):
    pack = pack or items()
    judgements = judged(pack, passes)
    return Candidate(
        student=student,
        path=path,
        digest=digest,
        size_bytes=1,
        scorecard=scorecard(pack, judgements, model=student),
        judgements=judgements,
        stage_metrics={"training.last_loss": 0.5},
        lineage=Lineage(git_commit="c" * 40, parents=parents, dvc_path=path, parameters={"steps": "3"}),
        description=f"# {student}",
    )
