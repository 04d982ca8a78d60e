"""Scorecards come back from their file as they were."""

import pytest
from kedro.io import DatasetError

from quintain.benchmarks.scorecard import BenchmarkIdentity, Cell, Estimate, Scorecard
from quintain.datasets import ScorecardDataset

CARD = Scorecard(
    model="base",
    benchmark=BenchmarkIdentity(name="sums", digest="0123", rules="sums-1"),
    sampling={"temperature": 0.0},
    measures={"score": Estimate(value=0.5, low=0.4, high=0.6, n=20), "depth": Estimate(value=None)},
    tables=(Cell(measure="score", category="easy", level=2, estimate=Estimate(value=1.0, n=3, unread=1, upper=1.0)),),
    n_items=20,
    n_scored=20,
)


def test_a_scorecard_comes_back_as_it_was(tmp_path):
    dataset = ScorecardDataset(filepath=str(tmp_path / "folder/scorecard.json"))
    assert not dataset.exists()
    dataset.save(CARD)
    assert dataset.load() == CARD
    assert dataset.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"model": "base", "pack": {}}', r"card\.json: this is no scorecard of this version .*kedro run --pipelines"),
        ("{", r"card\.json is no JSON: Expecting property name"),
        ("[" * 100_000, r"card\.json is no JSON: brackets are nested too deep"),
        (None, r"card\.json does not exist; run the evaluation first"),
    ],
)
def test_another_file_is_refused_with_its_name(tmp_path, text, message):
    path = tmp_path / "card.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(DatasetError, match=message):
        ScorecardDataset(filepath=str(path)).load()
