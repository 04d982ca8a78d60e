"""One number tells all processes that the log has grown; the log stays the truth."""

import pytest

from quintain.edit_memory import EditMemory
from quintain.edit_memory.last_act import LastAct
from quintain.errors import EditError
from quintain.methods.lte import HashedNgrams
from tests.methods.lte.edits import mayor, passing


def test_what_one_sets_others_read(tmp_path):
    one, other = LastAct(tmp_path / "serial"), LastAct(tmp_path / "serial")
    assert other.read() == 0
    for serial in (1, 300, 2**40, 7):
        one.set(serial)
        assert other.read() == serial
    one.close()
    one.close()
    assert other.read() == 7
    with pytest.raises(EditError, match="serial cannot be read: .*; open the memory again"):
        one.read()
    other.close()


@pytest.mark.parametrize("content", [None, b"", b"\x01", b"\xff" * 8, b"what is this?"])
def test_a_number_that_is_not_the_logs_is_set_right_at_the_next_opening(tmp_path, content):
    with EditMemory.open(tmp_path, HashedNgrams()) as memory:
        memory.add([mayor(), mayor("Cy", "Ostheim")])
    right = (tmp_path / "serial").read_bytes()
    (tmp_path / "serial").unlink()
    if content is not None:
        (tmp_path / "serial").write_bytes(content)
    with EditMemory.open(tmp_path, HashedNgrams()) as memory:
        assert passing(memory.search("Who is mayor of Ostheim?")) == ["Cy"]
    assert (tmp_path / "serial").read_bytes()[:8] == right == (2).to_bytes(8, "little")


def test_a_kill_between_log_and_number_hides_the_act_only_until_the_next(tmp_path):
    with EditMemory.open(tmp_path, HashedNgrams()) as one, EditMemory.open(tmp_path, HashedNgrams()) as other:
        one.add([mayor()])
        before = (tmp_path / "serial").read_bytes()
        other.add([mayor("Cy", "Ostheim")])
        (tmp_path / "serial").write_bytes(before)  # as if `other` had been killed before it set the number
        one.add([mayor("Di", "Nordby")])
        assert passing(one.search("Who is mayor of Ostheim?")) == ["Cy"]
        assert len(one) == len(other) == 3
