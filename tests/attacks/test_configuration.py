"""A mutator of the configuration: wrong types, unknown names, numbers out of range or not finite at every leaf."""

import copy
import random

import pytest
from kedro.config import OmegaConfigLoader

from quintain.configuration import check_configuration
from quintain.configuration.check import files_of
from quintain.errors import ConfigError
from quintain.settings import CONFIG_LOADER_ARGS
from tests.project_configuration import REPOSITORY

KINDS = ("parameters", "lifecycle", "tracking", "promotion", "catalog")
PASSED_ON = {"preview_args", "save_args", "load_args", "kedro-viz"}
"""What Kedro-Viz and pandas read: only that numbers are finite is ours to say."""
SHARE = 0.05
"""Of about 3,000 mutations of each environment, drawn anew where the seed is changed."""
MAY_BE_ANY = {("lifecycle", "students"), ("catalog",)}
"""Mappings whose keys are names that a user makes up."""


class Merged:
    """Kedro's loader with the documents that it merged, to be changed."""

    def __init__(self, env):
        loader = OmegaConfigLoader(str(REPOSITORY / "conf"), env=env, **CONFIG_LOADER_ARGS)
        self.conf_source, self.env, self.runtime_params = loader.conf_source, env, {}
        self.base_env, self.default_run_env = loader.base_env, loader.default_run_env
        self.documents = {kind: loader[kind] for kind in (*KINDS, "globals")}

    def __getitem__(self, kind):
        return copy.deepcopy(self.documents[kind])


def places(value, path=()):
    """Paths of all values of a document, the groups included; anchors are nobody's."""
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if path or not str(name).startswith("_"):
            yield (*path, name)
            if isinstance(inner, dict | list):
                yield from places(inner, (*path, name))


def at(document, path):
    for part in path:
        document = document[part]
    return document


def mutations(kind, path, value, rng):
    """Name of a mutation → what it makes of the mapping or list that holds the value."""
    last = path[-1]
    yield "nan", lambda holder: holder.__setitem__(last, rng.choice([float("nan"), float("inf"), -float("inf")]))
    if PASSED_ON & set(map(str, path)):
        return
    if isinstance(value, bool):
        yield "type", lambda holder: holder.__setitem__(last, rng.choice([1, "yes", 0.0, []]))
    elif isinstance(value, int | float):
        yield "type", lambda holder: holder.__setitem__(last, rng.choice(["abc", True, [], {}]))
        # A seed of sampling may be negative, as at OpenAI.
        far = [-(10**30), 10**30, 10**30 if last == "seed" else -10]
        yield "range", lambda holder: holder.__setitem__(last, rng.choice(far))
    elif isinstance(value, str):
        # The size of an exact pack is a name, or a number of groups.
        others = [1.5, {"a": 1}] if last == "size" else [3, True, 1.5, {"a": 1}]
        yield "type", lambda holder: holder.__setitem__(last, rng.choice(others))
    elif isinstance(value, dict | list):
        yield "type", lambda holder: holder.__setitem__(last, rng.choice([3, "abc", True]))
    if isinstance(last, str) and (kind, *path[:-1]) not in MAY_BE_ANY:
        yield "name", lambda holder: holder.__setitem__(f"{last}x", holder.pop(last))


def all_mutations(merged, rng):
    for kind in KINDS:
        for path in sorted(places(merged.documents[kind]), key=str):  # files are merged in any order
            for name, change in mutations(kind, path, at(merged.documents[kind], path), rng):
                yield kind, path, name, change


@pytest.mark.parametrize("env", ["base", "smoke", "hub"])
def test_every_mutation_is_refused_at_its_leaf(env):
    merged, rng = Merged(env), random.Random(7)
    files = files_of(merged)
    check_configuration(merged, files)
    whole = merged.documents
    tried = [each for each in all_mutations(merged, rng) if rng.random() < SHARE]
    passed, elsewhere = [], []
    for kind, path, name, change in tried:
        merged.documents = {**whole, kind: copy.deepcopy(whole[kind])}
        change(at(merged.documents[kind], path[:-1]))
        try:
            check_configuration(merged, files)
        except ConfigError as error:
            # An item of a list is named by its place, which begins at 1, and a student by its name.
            leaf = str(path[-1] if isinstance(path[-1], str) else path[-2])
            if leaf not in str(error):
                elsewhere.append((kind, path, name, str(error)))
        else:
            passed.append((kind, path, name, at(merged.documents[kind], path[:-1])))
    assert len(tried) > 100
    assert not passed, passed[:3]
    assert not elsewhere, elsewhere[:3]
