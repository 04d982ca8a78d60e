"""Who learnt from a row is told by the content that a version's training read, not by what lies there today."""

from types import SimpleNamespace

from quintain.registry.dvc_stages import StageRecord
from quintain.registry.learners import find_learners
from quintain.registry.lineage import Lineage


def version(number, student, path, md5, parents=()):
    stage = StageRecord(name=student, command="", inputs={path: md5}, outputs={}, parameters={})
    return (
        SimpleNamespace(version=number, tags={"student": student, "student.also": "lion"}),
        Lineage(parents=parents, stages=(stage,)),
    )


LEARNT = {"webr": ["pairs.jsonl"], "bmc": ["tokens.jsonl"], "lion": ["nothing.jsonl"]}
CONTENT = {"old": {"row"}, "new": set(), "tokens": {"child", "other child"}}


def rows_in(path, md5):
    return CONTENT.get(md5)


def test_a_version_learnt_from_a_row_that_its_content_held():
    first, second = find_learners(
        [version("1", "webr", "pairs.jsonl", "old"), version("2", "webr", "pairs.jsonl", "new")], LEARNT, rows_in
    )
    assert (first.read, first.unknown) == ({"pairs.jsonl": 1}, {})
    assert (second.read, second.unknown, second.inherits) == ({}, {}, ())


def test_children_inherit_and_rows_made_from_it_count():
    _, child, stranger = find_learners(
        [
            version("1", "webr", "pairs.jsonl", "old"),
            version("2", "webr", "pairs.jsonl", "new", parents=("1",)),
            version("3", "bmc", "tokens.jsonl", "tokens"),
        ],
        LEARNT,
        rows_in,
    )
    assert (child.read, child.inherits) == ({}, ("1",))
    assert stranger.read == {"tokens.jsonl": 2}


def test_content_that_nobody_has_any_more_is_unknown_not_clean():
    (lost,) = find_learners([version("1", "webr", "pairs.jsonl", "gone")], LEARNT, rows_in)
    assert (lost.read, lost.unknown) == ({}, {"pairs.jsonl": "gone"})


def test_a_student_whose_training_reads_no_rows_learnt_from_none():
    (base,) = find_learners([version("1", "base", "world.json", "old")], LEARNT, rows_in)
    assert (base.read, base.unknown) == ({}, {})
