"""Kedro's own file formats, saved whole or not at all."""

import inspect
import json
import subprocess
import sys

import matplotlib.figure
import pandas as pd
import pytest
from kedro.io import DatasetError

from quintain.datasets import CSVDataset, FigureDataset, JSONDataset, atomic
from quintain.datasets.atomic import written
from quintain.errors import RecordError


def figure(n_points):
    figure = matplotlib.figure.Figure()
    figure.subplots().plot(range(n_points), [(i * 7919) % 1000 for i in range(n_points)])
    return figure


SMALL_AND_LARGE = [
    pytest.param(JSONDataset, "a.json", {"hsr": 0.5}, {"x": "y" * 99_999}, id="json"),
    pytest.param(CSVDataset, "a.csv", pd.DataFrame({"a": [1]}), pd.DataFrame({"a": range(50_000)}), id="csv"),
    pytest.param(FigureDataset, "a.png", figure(2), figure(2_000), id="figure"),
]


@pytest.mark.parametrize(("kind", "name", "small", "large"), SMALL_AND_LARGE)
def test_a_full_disk_leaves_the_former_file(tmp_path, full_disk, kind, name, small, large):
    dataset = kind(filepath=str(tmp_path / "deep" / name))
    dataset.save(small)
    before = (tmp_path / "deep" / name).read_bytes()
    with (
        full_disk(len(before) + 100),
        pytest.raises(DatasetError, match=rf"{name} could not be written: File too large"),
    ):
        dataset.save(large)
    assert (tmp_path / "deep" / name).read_bytes() == before
    assert [path.name for path in (tmp_path / "deep").iterdir()] == [name]


@pytest.mark.parametrize(("kind", "name", "small", "large"), SMALL_AND_LARGE)
def test_a_save_does_not_write_through_hard_links(tmp_path, kind, name, small, large):
    dataset = kind(filepath=str(tmp_path / name))
    dataset.save(small)
    (tmp_path / "cached").hardlink_to(tmp_path / name)
    before = (tmp_path / "cached").read_bytes()
    dataset.save(large)
    assert (tmp_path / "cached").read_bytes() == before != (tmp_path / name).read_bytes()


def test_what_is_saved_is_what_is_loaded(tmp_path):
    JSONDataset(filepath=str(tmp_path / "a.json")).save({"hsr": [0.5, None]})
    assert JSONDataset(filepath=str(tmp_path / "a.json")).load() == {"hsr": [0.5, None]}
    frame = pd.DataFrame({"step": [1, 2], "loss": [0.5, 0.25]})
    csv = CSVDataset(filepath=str(tmp_path / "a.csv"), save_args={"index": False})
    csv.save(frame)
    assert csv.load().equals(frame)


def test_kedro_viz_still_finds_the_previews(tmp_path):
    dataset = JSONDataset(filepath=str(tmp_path / "a.json"))
    dataset.save({"hsr": 0.5})
    assert json.loads(dataset.preview()) == {"hsr": 0.5}
    previews = [inspect.signature(kind.preview).return_annotation for kind in (JSONDataset, CSVDataset, FigureDataset)]
    assert [getattr(kind, "__name__", kind) for kind in previews] == ["JSONPreview", "TablePreview", "ImagePreview"]


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with (
        pytest.raises(RecordError, match=r"file/a\.txt could not be written: .*fix the permissions"),
        written(tmp_path / "file" / "a.txt"),
    ):
        pass


def test_runs_that_save_one_folder_at_once_leave_one_of_theirs(tmp_path):
    save = f"""
from pathlib import Path
from quintain.datasets.atomic import written
for _ in range(200):
    with written(Path({str(tmp_path)!r}) / "model") as temporary:
        temporary.mkdir()
        for part in "ab":
            (temporary / part).write_text("whole")
"""
    runs = [subprocess.Popen([sys.executable, "-c", save], stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [run.communicate()[1] for run in runs] == ["", "", ""]
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert sorted(path.read_text() for path in (tmp_path / "model").iterdir()) == ["whole", "whole"]


def test_the_package_imports_no_library_until_a_dataset_is_asked_for():
    heavy = ["kedro", "pandas", "matplotlib", "torch", "transformers", "trafilatura", "msgspec"]
    probe = f"import sys, quintain.datasets; print(sorted(set({heavy}) & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_dataset_modules_leave_models_and_pictures_alone():
    heavy = ["pandas", "matplotlib", "torch", "transformers", "trafilatura"]
    probe = (
        "import sys; from quintain.datasets import HFModelDataset, JSONDataset, RecordsDataset, WarcDataset;"
        f"print(sorted(set({heavy}) & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout == "[]\n"


FOLDERS = """
import os, signal, sys
from pathlib import Path
from quintain.datasets import atomic

rename = os.rename
def dies(*names):
    rename(*names)
    os.kill(os.getpid(), signal.SIGKILL)
os.rename = dies
with atomic.written(Path(sys.argv[1])) as temporary:
    temporary.mkdir()
    (temporary / "weights").write_text("new")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="folders change places in one step on Linux alone")
def test_a_folder_takes_the_place_of_the_former_in_one_step(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    (target / "weights").write_text("old")
    subprocess.run([sys.executable, "-c", FOLDERS, target], check=True)  # between two renames it would be killed
    assert (target / "weights").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_takes_the_place_of_the_former_where_the_system_knows_no_exchange(tmp_path, monkeypatch):
    monkeypatch.setattr(atomic, "_exchanged", lambda *_: False)
    target = tmp_path / "model"
    for text in ("old", "new"):
        with written(target) as temporary:
            temporary.mkdir()
            (temporary / "weights").write_text(text)
        assert (target / "weights").read_text() == text
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
