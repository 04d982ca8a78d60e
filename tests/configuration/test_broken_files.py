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


GROUPS: dict[str, list[str]] = {}
for file in FILES:
    GROUPS.setdefault("expectations" if "/expectations/" in file else re.split(r"[_.]", Path(file).name)[0], []).append(
        file
    )


@pytest.mark.parametrize("fault", ["renamed key", "wrong type", "wrong name", "no YAML"])
@pytest.mark.parametrize("kind", GROUPS)
def test_a_broken_file_is_one_line_with_file_and_line(root, kind, fault):
    """All files of a kind at once, since all faults are said at once; a place of each is drawn."""
    broken: dict[str, int] = {}
    texts = {name: (ROOT / name).read_text() for name in GROUPS[kind]}
    for name, text in texts.items():
        if places := faults_of(text, kind).get(fault):
            changed, broken[name] = random.Random(f"{name} {fault}").choice(places)
            (root / name).write_text(changed)
    if not broken:
        pytest.skip(f"{kind} has no {fault}")
    try:
        said = complaint(root)
    finally:
        for name, text in texts.items():
            (root / name).write_text(text)
    assert [each for each in said if not PLACE.match(each) or len(each) > 400] == []
    assert kind == "globals" or len(said) <= 3 * len(broken), said
    found = {PLACE.match(each).groups() for each in said}
    if fault == "no YAML":  # the parser sees it where the next line does not fit
        assert {name for name, _ in found} == broken.keys()
    elif kind != "globals":  # what refers to a name that is gone says so
        # A setting that an entry lacks now is told on the line of the entry.
        near = {(name, int(line) + beside) for name, line in found for beside in range(-3, 4)}
        assert {name: line for name, line in broken.items() if (name, line) not in near} == {}, said
