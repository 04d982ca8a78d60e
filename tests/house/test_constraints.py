"""constraints.txt names the versions that `make` installs."""

import tomllib
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PINS = {
    canonicalize_name(pin.name): next(iter(pin.specifier)).version
    for pin in map(
        Requirement,
        (line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")),
    )
}


def test_every_package_that_we_ask_for_is_pinned_within_the_range_that_we_allow():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [Requirement(line) for line in project["dependencies"]]
    extras = project["optional-dependencies"]
    # What needs a GPU is installed on machines that have one, beside their own build of PyTorch.
    asked += [Requirement(line) for name, extra in extras.items() if name != "gpu" for line in extra]
    for one in asked:
        if one.name != "quintain":
            assert one.specifier.contains(PINS[canonicalize_name(one.name)]), one


def test_the_pinned_versions_are_the_ones_tested():
    other = {name: version(name) for name, pin in PINS.items() if Version(version(name)).public != pin}
    assert not other, f"installed, but not pinned: {other}; see the head of constraints.txt"
