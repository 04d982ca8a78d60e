"""The whole loop of distillation, with the oracle for a teacher unless a test binds another."""

from kedro.io import MemoryDataset
from kedro.runner import SequentialRunner

from quintain.methods.lion import LionParams
from quintain.models.roles import Roles
from quintain.pipelines.distillation import create_pipeline
from tests.lifecycles import tree

WORLD = "data/01_raw/world.json"
TEACHERS = ("teacher", "referee", "generator")
STUDENT = {"student": {"backend": "local"}}
ORACLE = {role: {"backend": "oracle", "world": WORLD} for role in TEACHERS} | STUDENT
SUITES = ("cache_pool", "distilled_pairs", "reviews", "gaps")
# A random student gains nothing in a few steps, so most tests switch the rules off that would stop the loop.
ENDLESS = {"per_round": 6, "probe_size": 0, "hard_floor": 0.0, "controls": 4, "train_on": "replay"}


def configure(catalog, bindings=ORACLE, **method):
    catalog["params:distillation.method"] = MemoryDataset(LionParams(**{**ENDLESS, **method}))
    catalog["params:roles"] = MemoryDataset(Roles(ledger="data/ledger.sqlite", bindings=bindings))


def run(catalog, rounds=2):
    SequentialRunner().run(create_pipeline(tree(rounds=rounds)), catalog)
