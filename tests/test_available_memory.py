"""Memory that is left: the least of what the machine and its control groups say."""

from quintain.available_memory import available_memory

GIB = 1 << 30


def groups(tmp_path, **files):
    for name, content in files.items():
        path = tmp_path / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(content))


def machine(tmp_path, available_bytes, group):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/meminfo").write_text(f"MemTotal: 1 kB\nMemAvailable: {available_bytes >> 10} kB\n")
    (tmp_path / "proc/self/cgroup").write_text(group)


def left(tmp_path):
    return available_memory(tmp_path / "proc", tmp_path / "cgroup")


def test_without_control_groups_the_machine_says(tmp_path):
    machine(tmp_path, 3 * GIB, "")
    assert (left(tmp_path).size_bytes, left(tmp_path).limited_by) == (3 * GIB, "this machine")


def test_a_limit_of_version_2_counts_less_what_is_used_and_cannot_be_given_back(tmp_path):
    machine(tmp_path, 9 * GIB, "0::/job/step\n")
    groups(tmp_path, **{"job/step/memory.max": 4 * GIB, "job/step/memory.current": 3 * GIB,
                        "job/step/memory.stat": f"anon 1\ninactive_file {GIB}\n"})  # fmt: skip
    # 4 − 3 + 1 that is cached files
    assert left(tmp_path).size_bytes == 2 * GIB
    assert left(tmp_path).limited_by == f"the control group {tmp_path}/cgroup/job/step"


def test_the_tightest_group_around_the_process_counts(tmp_path):
    machine(tmp_path, 9 * GIB, "0::/job/step\n")
    groups(tmp_path, **{"job/step/memory.max": "max", "job/step/memory.current": GIB,
                        "job/memory.max": 2 * GIB, "job/memory.current": GIB})  # fmt: skip
    assert left(tmp_path).size_bytes == GIB


def test_in_a_container_the_root_of_its_own_groups_is_read(tmp_path):
    machine(tmp_path, 9 * GIB, "0::/kubepods/not-visible-here\n")
    groups(tmp_path, **{"memory.max": 2 * GIB, "memory.current": 0})
    assert left(tmp_path).size_bytes == 2 * GIB


def test_a_limit_of_version_1_is_read_and_its_largest_number_is_none(tmp_path):
    machine(tmp_path, 9 * GIB, "4:cpu:/x\n5:memory:/job\n")
    limit, used = "memory.limit_in_bytes", "memory.usage_in_bytes"
    groups(tmp_path, **{f"memory/job/{limit}": 3 * GIB, f"memory/job/{used}": GIB})
    groups(tmp_path, **{f"memory/{limit}": (1 << 63) - 4096, f"memory/{used}": 0})
    assert left(tmp_path).size_bytes == 2 * GIB


def test_a_group_beyond_its_limit_leaves_nothing(tmp_path):
    machine(tmp_path, 9 * GIB, "0::/\n")
    groups(tmp_path, **{"memory.max": GIB, "memory.current": 2 * GIB})
    assert left(tmp_path).size_bytes == 0


def test_this_machine_tells():
    assert available_memory().size_bytes > 1 << 20
