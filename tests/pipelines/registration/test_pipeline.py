"""Students enter the registry in the order of descent, whatever the tree."""

from quintain.lifecycle import Lifecycle, Student
from quintain.pipelines.registration import create_pipeline


def tree(*students):
    return Lifecycle(students=students, benchmarks=("p",))


def student(name, parent="", by="finetuning", benchmarks=("p",), **fields):
    start = "" if parent else "world"
    made = by if parent else ""
    return Student(name=name, start=start, parent=parent, by=made, benchmarks=benchmarks, **fields)


def nodes(lifecycle):
    return {each.name: each for each in create_pipeline(lifecycle).nodes}


def test_versions_are_decided_in_order_of_descent_whatever_the_tree():
    found = create_pipeline(tree(student("base"), student("a", "base"), student("b", "base"), student("c", "a")))
    steps = ("register_student", "ask_gate")
    order = [each.name for each in found.nodes if each.name.endswith(steps)]
    assert order == [f"register_{name}.{step}" for name in ("base", "a", "b", "c") for step in steps]


def test_a_student_waits_for_the_gate_before_it_and_names_its_own_parent():
    found = nodes(tree(student("base"), student("a", "base"), student("b", "base")))
    inputs = set(found["register_b.register_student"].inputs)
    assert {"base.registration", "a.gate", "b.p.scorecard", "b.p.judgements", "b.p.scorecard_page"} <= inputs
    assert set(found["register_b.compare_with_parent"].inputs) >= {"b.p.scorecard", "base.p.judgements"}


def test_a_student_that_nobody_scores_is_no_version_and_its_children_descend_from_the_next_one():
    found = nodes(tree(student("base"), student("silent", "base", benchmarks=()), student("last", "silent")))
    assert not any("silent" in name for name in found)
    assert "base.registration" in found["register_last.register_student"].inputs


def test_a_student_is_held_against_its_start_on_every_benchmark_that_they_share():
    found = nodes(tree(student("base", benchmarks=("p", "q")), student("a", "base", benchmarks=("r", "q", "p"))))
    inputs = set(found["register_a.report_retention"].inputs)
    assert {"a.q.judgements", "base.q.judgements", "a.p.scorecard", "base.p.scorecard", "p.items@benchmark"} <= inputs
    assert not any(".r." in name for name in inputs)
    assert "a.retention" in found["register_a.register_student"].inputs
    assert "register_base.report_retention" not in found


def test_an_editing_student_carries_its_own_memory_and_its_parents_model():
    found = nodes(tree(student("base"), student("edited", "base", "editing")))
    assert set(found["register_edited.carry_memory"].inputs) == {
        "edited.edit_memory", "edited.edit_metrics", "base.model@ref", "params:editing.embedder",
        "params:editing.evaluation.trials.k", "edited.improvement",
    }  # fmt: skip
    assert "carry_memory" not in " ".join(nodes(tree(student("base"))))


def test_a_students_own_parameters_are_read_where_it_overrides_them():
    own = student("edited", "base", "editing", overrides={"editing.embedder": "x"})
    inputs = nodes(tree(student("base"), own))["register_edited.carry_memory"].inputs
    assert "params:students.edited.editing.embedder" in inputs


def test_every_benchmark_of_a_student_goes_into_its_version():
    found = nodes(Lifecycle(students=(student("base", benchmarks=("p", "sums")),), benchmarks=("p", "sums")))
    assert "base.sums.scorecard_page" in found["register_base.register_student"].inputs
