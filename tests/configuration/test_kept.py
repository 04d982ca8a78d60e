"""A misspelt entry of the catalog is told before its data stays in memory; data that may stay there is not."""

import pytest
from kedro.pipeline import Pipeline, node

from quintain.configuration.kept import unkept
from quintain.fields import Fault

KEPT = {"type": "quintain.datasets.JSONDataset", "filepath": "x.json"}


def _copy(rows, size=None):
    return rows


@pytest.fixture
def found():
    """Look at pages → drafts → rows of a student, with some entries."""
    pipeline = Pipeline([node(_copy, "pages", "ada.drafts"), node(_copy, ["ada.drafts", "params:size"], "ada.rows")])
    return lambda *entries: unkept(dict.fromkeys(entries, KEPT), {"drafting": pipeline})


def test_data_that_nodes_of_one_pipeline_hand_to_each_other_need_no_entry(found):
    assert found("pages", "{student}.rows") == ([], [])


def test_a_misspelt_entry_is_told_with_the_dataset_that_it_was_meant_for(found):
    faults, warnings = found("pages", "{student}.rows", "{student}.draft")
    assert faults == [Fault(("{student}.draft",), "no dataset goes by it; did you mean {student}.drafts?")]
    assert warnings == []


def test_what_a_pipeline_takes_in_or_gives_out_needs_an_entry(found):
    faults, _ = found("pages")
    assert [fault.path for fault in faults] == [()]
    assert faults[0].problem.startswith("ada.rows, which drafting takes in or gives out, has no entry")


def test_an_entry_that_nothing_goes_by_is_told_when_it_resembles_one_that_counts(found):
    faults, warnings = found("pages", "pagse", "{student}.rows", "notes_for_my_notebook")
    assert faults == []
    assert warnings == [Fault(("pagse",), "no dataset goes by it, so it changes nothing; did you mean pages?")]


def test_an_entry_that_another_lifecycle_goes_by_is_spelt_right():
    here = Pipeline([node(_copy, "pages", "ada.reviews_candidate"), node(_copy, "ada.reviews_candidate", "ada.rows")])
    there = Pipeline([node(_copy, "pages", "lte.edits_candidate")])
    entries = dict.fromkeys(["pages", "{student}.rows", "{student}.edits_candidate"], KEPT)
    assert unkept(entries, {"distillation": here}).faults != []
    assert unkept(entries, {"distillation": here}, there.datasets()) == ([], [])
