"""The page of a version shows its levels at a glance and leads to whatever it came from."""

from conftest_registry import candidate, sums
from mlflow.entities import Run, RunData, RunInfo

from quintain.registry.description import Origin, describe, sparkline
from quintain.registry.dvc_stages import StageRecord
from quintain.registry.lineage import Lineage
from quintain.registry.weights import Weights

RUN = Run(
    RunInfo(run_id="r7", experiment_id="1", user_id="", status="FINISHED", start_time=0, end_time=0,
            lifecycle_stage="active", run_name="lifecycle"),
    RunData(),
)  # fmt: skip


def page(lineage, run=None, others=None):
    measured = candidate(others=others).measured
    cards = {name: each.scorecard for name, each in measured.items()}
    tables = {name: f"| {name} table |" for name in cards}
    return describe("lte", cards, tables, Origin(lineage, "quintain-student", run))


def test_levels_are_drawn_from_nothing_to_everything():
    # eight blocks; 0.6 × 7 = 4.2, the fifth
    assert sparkline([1.0, 0.6, 0.0, None]) == "█▅▁·"


def test_the_first_line_is_the_headline_and_the_rest_links_to_run_and_parents():
    world = StageRecord(name="world", command="", inputs={}, outputs={}, parameters={})
    text = page(Lineage(parents=("3",), stages=(world,), calls=({"calls": 1200}, {"calls": 34})), RUN)
    assert text.startswith("lte: HSR 50.0")
    assert "| [lifecycle](#/experiments/1/runs/r7) |" in text
    assert "| [version 3](#/models/quintain-student/versions/3) |" in text
    assert "| `world` |" in text
    assert "| 1,234 |" in text
    assert "| HSR by level, 1 to 5 | ▅▅▅▅▅ of █ |" in text


def test_calls_are_none_only_where_the_stages_that_would_have_asked_are_known():
    world = StageRecord(name="world", command="", inputs={}, outputs={}, parameters={})
    assert "| Calls to models | none |" in page(Lineage(stages=(world,)))
    assert "| Calls to models | not counted, for they are counted by stages |" in page(Lineage())


def test_an_adapter_names_its_base():
    text = page(Lineage(base=Weights("data/06_models/bmc", "b" * 64)))
    assert "| Adapter on | `data/06_models/bmc`, digest `bbbbbbbbbbbb` |" in text
    assert "| Parents | none: from scratch |" in text


def test_a_model_that_somebody_else_made_says_where_it_is_from():
    revision = "93efa2f097d58c2a74874c7e644dbc9b0cee75a2"
    made = Lineage(parameters={"start": "elsewhere", "source": "HuggingFaceTB/SmolLM2-135M", "revision": revision})
    assert f"| Parents | none: from HuggingFaceTB/SmolLM2-135M@{revision} |" in page(made)
    assert "from a model made elsewhere" in page(Lineage(parameters={"start": "elsewhere"}))


def test_several_benchmarks_have_a_headline_a_table_and_facts_each():
    text = page(Lineage(), others={"sums": sums(lambda i: i % 4 == 0)})
    assert text.startswith("lte: pack HSR 50.0, CSL 0.50, sums score 25.0\n")
    assert "### pack\n\n| pack table |\n\n### sums\n\n| sums table |" in text
    assert "| sums: Judge | rules alone |" in text
    assert "| pack: HSR by level, 1 to 5 |" in text
    assert "sums: score by level" not in text
