"""One worker makes, the others find; a failure leaves nothing that counts as made."""

from types import SimpleNamespace

import pytest

from tests.shared_artefacts import made_once


def test_workers_share_what_the_first_of_them_made(tmp_path):
    made = []

    def make(place):
        place.mkdir()
        made.append(place)

    workers = [tmp_path / f"popen-gw{number}" for number in range(2)]
    found = [made_once(SimpleNamespace(getbasetemp=lambda base=base: base), "thing", make) for base in workers]
    assert found == [tmp_path / "thing"] * 2
    assert made == [tmp_path / "thing"]


@pytest.mark.parametrize("is_folder", [True, False])
def test_what_failed_on_the_way_is_made_anew(tmp_path, is_folder):
    alone = SimpleNamespace(getbasetemp=lambda: tmp_path)

    def fail(place):
        (place / "half").mkdir(parents=True) if is_folder else place.write_text("half")
        raise RuntimeError("the disk burnt")

    with pytest.raises(RuntimeError):
        made_once(alone, "thing", fail)
    assert made_once(alone, "thing", lambda place: place.write_text("whole")).read_text() == "whole"
