"""What was acknowledged stays: after a kill in mid-stream, and with several processes on one folder."""

import signal
import subprocess
import sys

import pytest

from quintain.edit_memory import EditMemory
from quintain.methods.lte import HashedNgrams
from tests.methods.lte.edits import mayor, passing

STREAM = """
import sys
from quintain.edit_memory import EditMemory
from quintain.methods.lte import Edit, HashedNgrams
memory = EditMemory.open(sys.argv[1], HashedNgrams(64))
for number in range(int(sys.argv[3])):
    town = f"{sys.argv[2]} {number}"
    (edit_id,) = memory.add([Edit(subject=town, prompt=f"The mayor of {town} is", target_new=f"Mayor {number}")])
    print(edit_id, flush=True)
"""


def stream(folder, name, count):
    return subprocess.Popen(
        [sys.executable, "-c", STREAM, str(folder), name, str(count)], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("acknowledged", [1, 40, 333])
def test_a_kill_in_mid_stream_loses_no_acknowledged_edit(tmp_path, acknowledged):
    with stream(tmp_path, "Town", 100_000) as process:
        ids = [process.stdout.readline().strip() for _ in range(acknowledged)]
        process.send_signal(signal.SIGKILL)
        ids += process.stdout.read().split()  # what it still got out
    with EditMemory.open(tmp_path, HashedNgrams(64)) as memory:
        kept = [one.id for one in memory.kept()]
        assert kept[: len(ids)] == ids
        assert len(kept) - len(ids) <= 1  # at most the one that was in flight
        for number in (0, acknowledged // 2, acknowledged - 1):
            assert passing(memory.search(f"Who is mayor of Town {number}?")) == [f"Mayor {number}"]
        assert memory.verify().repairs == ()


def test_what_the_log_has_and_the_index_lacks_is_made_good(tmp_path):
    with EditMemory.open(tmp_path, HashedNgrams()) as memory:
        memory.add([mayor("Ada")])
        files = {name: (tmp_path / name).read_bytes() for name in ("questions.f32", "facts.f32")}
        memory.add([mayor("Cy", "Ostheim")])
    for name, content in files.items():  # as if the kill had come between log and index
        (tmp_path / name).write_bytes(content)
    with EditMemory.open(tmp_path, HashedNgrams()) as memory:
        assert passing(memory.search("Who is mayor of Ostheim?")) == ["Cy"]
        assert memory.verify().keys == 4


def test_several_processes_write_one_folder_and_see_each_other(tmp_path):
    with EditMemory.open(tmp_path, HashedNgrams(64)) as memory:
        memory.add([mayor()])
        processes = [stream(tmp_path, name, 60) for name in ("Alm", "Birk")]
        for number in range(30):
            memory.add([mayor(f"Mayor {number}", f"Cove {number}")])
        ids = [line for process in processes for line in process.communicate(timeout=500)[0].split()]
        assert len(set(ids)) == 120
        assert len(memory) == 151
        assert passing(memory.search("Who is mayor of Birk 59?")) == ["Mayor 59"]
        found = memory.verify()
    assert (found.edits, found.events, found.keys, found.repairs) == (151, 151, 302, ())
    with EditMemory.open(tmp_path, HashedNgrams(64)) as memory:
        assert memory.verify().repairs == ()


def test_two_open_memories_see_each_others_edits_and_revocations_at_once(tmp_path):
    with EditMemory.open(tmp_path, HashedNgrams()) as one, EditMemory.open(tmp_path, HashedNgrams()) as other:
        ids = one.add([mayor()])
        assert passing(other.search("Who is mayor of Veldmark?")) == ["Ada Brook"]
        other.revoke(ids)
        assert one.search("Who is mayor of Veldmark?") == []
