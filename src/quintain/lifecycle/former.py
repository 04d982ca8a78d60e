"""The lifecycle.yml of version 0.1, which said what a fixed chain leaves out, as a family tree."""

from collections.abc import Collection, Mapping
from typing import Any

from quintain.errors import ConfigError

_TRAINED_BY = {"webr": "finetuning", "lion": "distillation", "bmc": "preference", "lte": "editing"}
SHIPPED = ("base", *_TRAINED_BY)
"""Students of that chain and of the lifecycle that conf/base comes with; its policy names some of them."""
_PIPELINES = ("world", "synthesis", *_TRAINED_BY.values(), "evaluation", "registration")


def from_left_out(left_out: Collection[str], benchmarks: Collection[str], file: str) -> dict[str, Any]:
    """Write the tree that the chain of 0.1 was without some pipelines.

    Args:
        left_out: The list `without`.
        benchmarks: Benchmarks of the environment.
        file: Path of the document, for messages.

    Returns:
        A document with `students` and `benchmarks`.

    Raises:
        ConfigError: It names no pipeline.
    """
    if unknown := sorted(set(left_out) - set(_PIPELINES)):
        raise ConfigError(
            f"{file} leaves out {unknown[0]}, which is no pipeline; `without` is the form of version 0.1, write "
            "`students` instead (docs/how-to/lifecycle.md)"
        )
    last = "base"
    students: dict[str, Mapping[str, Any]] = {last: {"start": "student" if "world" in left_out else "world"}}
    for name, by in _TRAINED_BY.items():
        if by not in left_out:
            given = {"on": "given"} if by == "finetuning" and "synthesis" in left_out else {}
            students[name] = {"from": last, "by": by, **given}
            last = name
    scored = [] if {"evaluation", "registration"} & set(left_out) else list(benchmarks)
    return {"students": students, "benchmarks": scored}


def as_line(document: Mapping[str, Any]) -> str:
    """A document on one line of YAML."""
    import yaml

    return yaml.safe_dump(dict(document), default_flow_style=True, sort_keys=False, width=10_000).strip().strip("{}")
