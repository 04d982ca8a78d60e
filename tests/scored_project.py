"""A project with two students that were scored, and two registered versions, without a model behind them."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from quintain.registry.promotion import CHAMPION
from quintain.registry.registration import register
from quintain.registry.store import open_store
from tests.empty_project import empty_project
from tests.registry.conftest_registry import candidate, good, half, items, judged, scorecard, sums

PACK = items()


def write_lines(path, records):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records))
    return path


def write_side(scorecard_file, judgements_file, passes, pack=PACK, **card):
    """Write a scorecard and its verdicts."""
    judgements = judged(pack, passes)
    scorecard_file.parent.mkdir(parents=True, exist_ok=True)
    scorecard_file.write_text(json.dumps(scorecard(pack, judgements, **card).as_dict()))
    write_lines(judgements_file, judgements)
    return scorecard_file


def scored_project(root: Path, tables: Path) -> Path:
    """Lay out the project: `webr` and `base`, and versions 1 (champion) and 2; return its folder."""
    empty_project(root)
    shutil.copy(tables, root / "mlflow.db")
    for student, passes in (("webr", good), ("base", half)):
        write_side(
            root / f"data/08_reporting/{student}/almanac/scorecard.json",
            root / f"data/07_model_output/{student}/almanac/judgements.jsonl",
            passes,
            model=student,
        )
    write_lines(root / "data/05_model_input/pack.jsonl", PACK)
    other = sums(lambda i: i % 4 == 0, student="webr")
    home = root / "data/08_reporting/webr/sums"
    home.mkdir(parents=True)
    (home / "scorecard.json").write_text(json.dumps(other.scorecard.as_dict()))
    write_lines(root / "data/07_model_output/webr/sums/judgements.jsonl", other.judgements)
    (root / "conf/base/lifecycle.yml").write_text("benchmarks: [almanac, sums]\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.delenv("DVC_EXP_NAME", raising=False)
        uri = f"sqlite:///{root / 'mlflow.db'}"
        client = open_store(uri)
        register(client, uri, "quintain", "quintain-student", candidate(passes=half))
        register(
            client,
            uri,
            "quintain",
            "quintain-student",
            candidate(
                student="webr", digest="b" * 64, passes=good, others={"sums": sums(lambda i: i % 2, digest="b" * 64)}
            ),
        )
        client.set_registered_model_alias("quintain-student", CHAMPION, "1")
    return root
