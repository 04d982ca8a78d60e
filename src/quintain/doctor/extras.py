"""Libraries beside the core that the settings of a run ask for."""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from quintain.doctor.finding import Finding, fault, good
from quintain.doctor.plan import Plan, groups_read


@dataclass(frozen=True)
class _Need:
    """A value of a setting that needs a library."""

    setting: str
    """Dotted name of the parameter."""
    values: tuple[str, ...]
    """Values that need it."""
    modules: tuple[str, ...]
    """Modules of the library."""
    extra: str
    """Extra of this package that installs them."""
    instead: str
    """Value that does without."""


_NEEDS = (
    _Need("synthesis.ingestion.profile", ("bulk", "two_pass"), ("resiliparse", "fastwarc"), "bulk", "quality"),
    _Need("synthesis.ingestion.engine", ("ray",), ("ray",), "ray", "local"),
)
_EMBEDDER = "editing.embedder"
_HASHED = "hashed-ngrams"


def installed_extras(plan: Plan) -> Iterator[Finding]:
    """See that every library is installed; none is imported."""
    read = {group for node in plan.pipeline.nodes for group in groups_read(plan, node)}
    for need in _NEEDS:
        value = plan.parameter(need.setting)
        if value in need.values and any(need.setting.startswith(f"{group}.") for group in read):
            yield _installed(plan, need.setting, str(value), need.modules, need.extra, need.instead)
    for group in sorted(read):
        embedder = plan.parameter(group)
        if group.endswith(_EMBEDDER) and not str(embedder).startswith(_HASHED):
            yield _installed(plan, group, str(embedder), ("sentence_transformers",), "embed", _HASHED)
            if str(embedder).startswith((".", "/")) and not Path(embedder).is_dir():
                remedy = f"name a folder of sentence-transformers, or {_HASHED}"
                yield fault(group, f"{embedder} does not exist", remedy, plan.place("parameters", *group.split(".")))


def _installed(plan: Plan, setting: str, value: str, modules: tuple[str, ...], extra: str, instead: str) -> Finding:
    lacking = [name for name in modules if importlib.util.find_spec(name) is None]
    if not lacking:
        return good(setting, f"{value} ({', '.join(modules)})")
    return fault(setting, f"{value} needs {' and '.join(lacking)}",
                 f"pip install 'quintain[{extra}]', or set it to {instead}",
                 plan.place("parameters", *setting.split(".")))  # fmt: skip
