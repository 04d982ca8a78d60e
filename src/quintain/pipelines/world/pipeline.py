"""From a seed to a world, its web, its benchmark, and the students that grow up in it."""

from kedro.pipeline import Pipeline, node

from quintain.lifecycle import WORLD, Lifecycle, Student
from quintain.pipelines.overriding import override
from quintain.pipelines.world.nodes import (
    build_pack,
    draw_questions,
    draw_seeds,
    make_world,
    pretrain_base,
    probe_base,
    train_tokenizer,
    write_pages,
)
from quintain.quality import checked

QUESTIONS = "questions"
"""Benchmark of two tasks of lm-evaluation-harness whose rows are drawn here, where a lifecycle names it."""
_SIZES = ["params:world.architecture", "params:world.pretraining"]


def create_pipeline(lifecycle: Lifecycle) -> Pipeline:
    """Make the embedded world and every student that starts in it; nothing goes in but parameters."""
    world = Pipeline(
        [
            node(make_world, inputs="params:world.world", outputs="world", name="make_world"),
            node(write_pages, inputs=["world", "params:world.pages"], outputs="raw_pages", name="write_pages"),
            node(build_pack, inputs=["world", "params:world.pack"], outputs="pack_candidate", name="build_pack"),
            *checked("pack", output="almanac.items@records"),
            node(draw_seeds, inputs=["world", "params:world.seeds"], outputs="seed_instructions", name="draw_seeds"),
        ]
    )
    if any(QUESTIONS in student.benchmarks for student in lifecycle.students):
        world += _questions()
    students = [student for student in lifecycle.students if student.start == WORLD]
    return sum((_pretrained(student) for student in students), world + _tokenizer() if students else world)


def _questions() -> Pipeline:
    return Pipeline(
        [
            node(
                draw_questions,
                inputs=["world", "params:world.questions"],
                outputs=f"{QUESTIONS}.items@rows",
                name="draw_questions",
            )
        ]
    )


def _tokenizer() -> Pipeline:
    return Pipeline(
        [
            node(
                train_tokenizer,
                inputs=["world", "params:world.tokenizer", *_SIZES],
                outputs="tokenizer",
                name="train_tokenizer",
            )
        ]
    )


def _pretrained(student: Student) -> Pipeline:
    name = student.name
    pretrain = node(
        pretrain_base,
        inputs=["world", "tokenizer", *_SIZES],
        outputs=[f"{name}.model@hf", f"{name}.loss_curve", f"{name}.pretraining"],
        name=f"pretrain_{name}",
    )
    # Of the saved model: whoever learns from it need not wait for the probes.
    probe = node(
        probe_base,
        inputs=["world", f"{name}.model@hf", f"{name}.pretraining", "params:world.pretraining"],
        outputs=f"{name}.training",
        name=f"probe_{name}",
    )
    return override(Pipeline([pretrain, probe]), student)
