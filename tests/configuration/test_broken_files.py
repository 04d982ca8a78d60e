"""Every file of conf/base, broken as people break files: one line says what, where, and what to do."""

import random
import re
import shutil
from pathlib import Path

import pytest
import yaml

from quintain.configuration import check_configuration
from quintain.errors import ConfigError
from quintain.settings import CONFIG_LOADER_ARGS, ProjectConfigLoader

ROOT = Path(__file__).parents[2]
FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "conf/base").rglob("*.yml"))
PLACE = re.compile(r"(conf/base/[\w/]+\.yml):(\d+)")
MADE_UP = {"catalog": 1, "lifecycle": 2}
"""Depth down to which the names of a kind of file are a user's own: entries of the catalog, students."""
PASSED_ON = {"preview_args", "kedro-viz", "kwargs", "save_args", "load_args"}
"""What Kedro-Viz, pandas and Great Expectations read."""
NAMES = {"type", "backend", "tier", "from", "by", "start", "dvc", "mlflow", "variant", "mode"}
"""Keys whose values are names that somebody has to know."""


def keys_and_values(node, depth=1, above=()):
    """Every key of a document with its value, its depth, and the keys around it."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key, value, depth, above
            yield from keys_and_values(value, depth + 1, (*above, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from keys_and_values(item, depth + 1, above)


def put(text, node, new):
    """The text with another one in the place of a scalar."""
    return text[: node.start_mark.index] + new + text[node.end_mark.index :]


def faults_of(text, kind):
    """What people do to a file: name of the fault → places, each the broken text and its line."""
    found = {"renamed key": [], "wrong type": [], "wrong name": [], "no YAML": []}
    for key, value, depth, above in keys_and_values(yaml.compose(text)):
        if PASSED_ON & {key.value, *above} or (above[:1] and above[0].startswith("_")):
            continue
        line, name = key.start_mark.line + 1, key.value
        whole = text[key.start_mark.index : key.end_mark.index] == name
        if whole and depth > MADE_UP.get(kind, 0) and not name.startswith("_"):
            found["renamed key"].append((put(text, key, f"{name[:2]}q{name[2:]}"), line))
        if isinstance(value, yaml.ScalarNode) and value.start_mark.line == key.start_mark.line and value.value:
            found["wrong type"].append((put(text, value, "{zz: [1, 2]}"), line))
            found["no YAML"].append((put(text, value, "[1, 2"), line))
            if name in NAMES and "{" not in value.value:
                found["wrong name"].append((put(text, value, f"{value.value[:-2]}q{value.value[-2:]}"), line))
    return {fault: places for fault, places in found.items() if places}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("broken")
    shutil.copytree(ROOT / "conf/base", root / "conf/base")
    return root


def complaint(root):
    """What a run says, line by line, before its first node."""
    with pytest.raises(ConfigError) as caught:
        check_configuration(ProjectConfigLoader(str(root / "conf"), env="base", **CONFIG_LOADER_ARGS))
    first, *more = str(caught.value).split("\n  ")
    return more or [first]


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_one_line_with_file_and_line(root, name):
    rng, text = random.Random(name), (ROOT / name).read_text()
    kind = re.split(r"[_.]", Path(name).name)[0] if "/expectations/" not in name else "expectations"
    for fault, places in faults_of(text, kind).items():
        broken, line = rng.choice(places)
        (root / name).write_text(broken)
        try:
            said = complaint(root)
        finally:
            (root / name).write_text(text)
        case = f"{fault} on line {line} of {name}: {said}"
        assert all(PLACE.match(each) for each in said), case
        assert len(said) <= 3, case
        assert all(len(each) < 400 for each in said), case
        if fault == "no YAML":  # the parser sees it where the next line does not fit
            assert PLACE.match(said[0])[1] == name, case
        elif kind != "globals":  # what refers to a name that is gone says so
            assert any(PLACE.match(each).groups() == (name, str(line)) for each in said), case
