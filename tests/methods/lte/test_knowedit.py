"""KnowEdit is read whole, and its faults are found."""

import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import yaml

from quintain.methods.lte.faults import as_rows, find_faults, without_faults
from quintain.methods.lte.knowedit import read_cases
from quintain.quality.check import check
from quintain.records import EditCase, EditProbe

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared/data/knowedit"
FILES = {
    "zsre": "ZsRE-test-all.json",
    "counterfact": "train_cf.json",
    "recent": "recent_train.json",
    "wikibio": "wikibio-test-all.json",
}


def cases_of(dataset):
    path = DATA / FILES[dataset]
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    return read_cases(dataset, json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("dataset", "edits", "probes"),
    [  # counted in the files: shared/reference/lte.md, section 3.2
        ("zsre", 1304, {"rephrase": 1304, "reasoning": 771, "subject-aliasing": 264, "logical-generalization": 269,
                        "relation-specificity": 2608}),
        ("counterfact", 1428, {"reasoning": 504, "subject-aliasing": 1410, "logical-generalization": 305,
                               "relation-specificity": 1254, "forgetfulness": 782}),
        ("recent", 570, {"reasoning": 476, "subject-aliasing": 52, "logical-generalization": 223,
                         "relation-specificity": 1648, "forgetfulness": 298}),
        ("wikibio", 306, {"relation-specificity": 612}),
    ],
)  # fmt: skip
def test_every_edit_and_every_probe_of_every_aspect_is_read(dataset, edits, probes):
    cases = cases_of(dataset)
    assert len(cases) == edits
    assert Counter(probe.aspect for case in cases for probe in case.probes) == probes


def test_all_spellings_of_an_answer_are_kept():
    (probe,) = [probe for probe in cases_of("recent")[0].probes if "citizenship" in probe.prompt]
    assert len(probe.answers) == 1
    assert {"Soviet Union", "USSR", "CCCP"} < set(probe.answers[0])


@pytest.mark.parametrize(
    ("dataset", "faults"),
    [
        ("zsre", {"no-op": 45, "conflict": 20, "duplicate": 16, "locality-asks-the-edit": 196}),
        ("counterfact", {"no-op": 6, "duplicate": 22, "locality-asks-the-edit": 3, "no-answer": 2}),
        ("recent", {"no-answer": 7}),
        ("wikibio", {}),
    ],
)
def test_the_known_faults_of_the_files_are_found_and_can_be_left_out(dataset, faults):
    cases = cases_of(dataset)
    found = find_faults(cases)
    assert Counter(fault.kind for fault in found) == faults
    assert find_faults(without_faults(cases, found)) == []


def test_the_suite_of_edits_refuses_the_file_and_takes_what_is_left_without_its_faults():
    suite = yaml.safe_load((ROOT / "conf/base/expectations/edits.yml").read_text())
    cases = cases_of("zsre")
    found = find_faults(cases)
    report = check("edits", pd.DataFrame(as_rows(cases, found)), suite)
    failed = {one["arguments"]["regex"]: one["n_unexpected"] for one in report["expectations"] if not one["passed"]}
    # 196 locality probes at fault stand in 190 edits or fewer: each edit is one row
    assert failed.pop("locality-asks-the-edit") == len({f.case_id for f in found if f.probe})
    assert failed == {"no-op": 45, "conflict": 20, "duplicate": 16}
    assert check("edits", pd.DataFrame(as_rows(without_faults(cases, found), [])), suite)["passed"]


def test_faults_name_the_case_and_show_the_texts():
    asks = EditProbe(aspect="relation-specificity", prompt="Veldmark mayor", answers=(("Bo",),))
    other = EditProbe(aspect="relation-specificity", prompt="Veldmark river", answers=(("Elv",),))
    asked = {"subject": "Veldmark", "prompt": "The mayor of Veldmark is"}
    cases = [
        EditCase(id="a", **asked, target_new="Ada", ground_truth=("Bo",), probes=(asks, other)),
        EditCase(id="b", **asked, target_new="Cy"),
    ]
    assert [(fault.case_id, fault.kind, fault.detail) for fault in find_faults(cases)] == [
        ("a", "conflict", "The mayor of Veldmark is → Ada; also b"),
        ("a", "locality-asks-the-edit", "The mayor of Veldmark is / Veldmark mayor → Bo"),
        ("b", "conflict", "The mayor of Veldmark is → Cy; also a"),
    ]


def test_a_row_of_another_benchmark_is_named():
    with pytest.raises(ValueError, match="mine:1 has no field or knows no aspect 'subject'"):
        read_cases("mine", [{"subject": "a", "prompt": "b", "target_new": "c"}, {"question": "d"}])
    with pytest.raises(ValueError, match="mine:0 .*'Fluency'"):
        read_cases("mine", [{"subject": "a", "prompt": "b", "target_new": "c", "locality": {"Fluency": [{}]}}])
