"""A folder with a task file and rows of one's own, for tests that break them."""

import importlib.util
import json
from pathlib import Path

import pytest
import yaml

INSTALLED = pytest.mark.skipif(
    importlib.util.find_spec("lm_eval") is None,
    reason="lm-evaluation-harness is not installed: pip install 'quintain[benchmarks]'",
)
SUMS = {
    "local": {"files": "sums.jsonl", "fields": {"question": "text", "options": "list", "gold": "number"}},
    "task": "sums",
    "output_type": "multiple_choice",
    "doc_to_text": "{{question}}",
    "doc_to_choice": "{{options}}",
    "doc_to_target": "{{gold}}",
    "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
}
ROWS = [{"question": f"What is {n} plus {n}?", "options": [str(n), str(2 * n)], "gold": 1} for n in range(1, 4)]


def lay_out(folder: Path, rows: list[object] = ROWS, task: dict[str, object] = SUMS) -> dict[str, object]:
    """Write the task file and its rows; settings of a benchmark that asks it."""
    (folder / "tasks").mkdir(exist_ok=True)
    (folder / "tasks/sums.yaml").write_text(yaml.safe_dump(task))
    (folder / "sums.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return {"tasks": ["sums"], "sources": {"sums": str(folder)}, "task_files": str(folder / "tasks")}
