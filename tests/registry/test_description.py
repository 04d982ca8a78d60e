"""The page of a version shows its levels at a glance and leads to whatever it came from."""

from conftest_registry import candidate
from mlflow.entities import Run, RunData, RunInfo

from quintain.registry.description import describe, sparkline
from quintain.registry.dvc_stages import StageRecord
from quintain.registry.lineage import Lineage
from quintain.registry.settings import TrackingSettings
from quintain.registry.weights import Weights

SETTINGS = TrackingSettings(uri="sqlite:///m.db", experiment="quintain", model_name="quintain-student")
RUN = Run(
    RunInfo(run_id="r7", experiment_id="1", user_id="", status="FINISHED", start_time=0, end_time=0,
            lifecycle_stage="active", run_name="lifecycle"),
    RunData(),
)  # fmt: skip


def page(lineage, run=None):
    return describe("lte", "| table |", candidate().scorecard, lineage, SETTINGS, run)


def test_levels_are_drawn_from_nothing_to_everything():
    # eight blocks; 0.6 × 7 = 4.2, the fifth
    assert sparkline([1.0, 0.6, 0.0, None]) == "█▅▁·"


def test_the_first_line_is_the_headline_and_the_rest_links_to_run_and_parents():
    world = StageRecord(name="world", command="", inputs={}, outputs={}, parameters={})
    text = page(Lineage(parents=("3",), stages=(world,), calls=({"calls": 1200}, {"calls": 34})), RUN)
    assert text.startswith("**lte**: HSR 50.0")
    assert "| [lifecycle](#/experiments/1/runs/r7) |" in text
    assert "| [version 3](#/models/quintain-student/versions/3) |" in text
    assert "| `world` |" in text
    assert "| 1,234 |" in text
    assert "| HSR by level, 1 to 5 | ▅▅▅▅▅ of █ |" in text


def test_an_adapter_names_its_base():
    text = page(Lineage(base=Weights("data/06_models/bmc", "b" * 64)))
    assert "| Adapter on | `data/06_models/bmc`, digest `bbbbbbbbbbbb` |" in text
    assert "none: trained from scratch" in text
