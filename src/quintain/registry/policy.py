"""Policy of the promotion gate: conf/<env>/promotion.yml."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from msgspec import Meta

from quintain.errors import ConfigError
from quintain.fields import Count, Seed, Share, check, faults
from quintain.methods.lte.metrics import HEADLINE
from quintain.registry.editing import PREFIX
from quintain.statistics.resampling import Resampling

logger = logging.getLogger(__name__)

Tier = Literal["critical", "supporting", "advisory"]
DEFAULT = "default"
"""Entry of the benchmarks that have none of their own."""
_FILE = "conf/base/promotion.yml"


@dataclass(frozen=True, kw_only=True)
class BenchmarkPolicy:
    """Conditions on one benchmark; rates are shares in [0, 1].

    Raises:
        ValueError: A value is out of range.
    """

    margin: Annotated[float, Meta(ge=0, lt=1)]
    """How much worse the headline may at most be, at the lower end of the interval."""
    tier: Tier = "critical"
    """`critical`: the margin must be shown to hold. `supporting`: a loss beyond chance refuses, what stays open is
    reported. `advisory`: all is reported."""
    measure: str = ""
    """Measure that is compared, such as `ssr_mean` or `prompt_loose`; empty for the benchmark's headline."""
    floors: dict[str, float] = field(default_factory=dict)
    """Least values of the benchmark's measures, such as `hsr_mean`."""

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True)
class PromotionPolicy:
    """The document conf/<env>/promotion.yml; rates are shares in [0, 1].

    Raises:
        ValueError: A value is out of range.
    """

    benchmarks: dict[str, BenchmarkPolicy]
    """Benchmark → its conditions; `default` for those without an entry."""
    most_unread: Share
    """Largest share of scored items whose verdict could not be read."""
    must_improve: list[str] = field(default_factory=list)
    """Students whose stage promises to make them better: no margin on the headline benchmark, the lower end must lie
    above 0."""
    floors: dict[str, float] = field(default_factory=dict)
    """Least values of edit metrics such as `edit.success`, for a student with a memory."""
    automatic: bool = True
    """Whether a run whose student the gate agrees with moves the title; false leaves it to `quintain promote`, where
    several people share a registry."""
    clean_tree: bool = False
    """Refuse a candidate that was made from uncommitted changes; a folder without commits has none."""
    replicates: Count = 2000
    """Bootstrap draws of a comparison."""
    confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.95
    """Confidence of the one-sided bounds, in (0, 1)."""
    seed: Seed = 0
    """Seed of the draws."""

    def __post_init__(self) -> None:
        known = [f"{PREFIX}{name}" for name in HEADLINE]
        if unknown := sorted(self.floors.keys() - set(known)):
            raise ValueError(
                f"floors know {', '.join(known)}, not {', '.join(unknown)}; a benchmark's measures have their floors "
                "in its own entry, `benchmarks: {NAME: {margin: …, floors: {…}}}`"
            )

    @property
    def resampling(self) -> Resampling:
        """Resampling of the intervals of a comparison."""
        return Resampling(replicates=self.replicates, confidence=self.confidence, seed=self.seed)

    def of(self, benchmark: str) -> BenchmarkPolicy:
        """Conditions on a benchmark.

        Args:
            benchmark: Its name.

        Returns:
            Its entry, or the default one.

        Raises:
            ConfigError: It has no entry and there is no default.
        """
        found = self.benchmarks.get(benchmark) or self.benchmarks.get(DEFAULT)
        if found is None:
            raise ConfigError(
                f"{_FILE} has no entry for the benchmark {benchmark}; add `{benchmark}: {{margin: 0.05, tier: "
                "critical}` below `benchmarks`, or a `default`"
            )
        return found


def promotion_policy(document: Mapping[str, Any]) -> PromotionPolicy:
    """Read the policy.

    Args:
        document: conf/<env>/promotion.yml.

    Returns:
        The policy.

    Raises:
        ConfigError: A setting is missing, unknown or out of range.
    """
    try:
        fields = in_todays_form(document)
    except ValueError as error:
        raise ConfigError(f"{_FILE}: {error}") from None
    if said := [f"{'.'.join(fault.path)}: {fault.problem}" for fault in faults(PromotionPolicy, fields)]:
        raise ConfigError(f"{_FILE}: {'; '.join(said)}")
    entries = {name: BenchmarkPolicy(**entry) for name, entry in fields["benchmarks"].items()}
    return PromotionPolicy(**{**fields, "benchmarks": entries})


def in_todays_form(document: Mapping[str, Any]) -> dict[str, Any]:
    """Write the form of version 0.1, one margin for one benchmark, as the default entry.

    Args:
        document: conf/<env>/promotion.yml.

    Returns:
        The document with `benchmarks`.

    Raises:
        ValueError: It has no `benchmarks`, or both forms at once.
    """
    fields = dict(document)
    if "margin" not in fields:
        if not fields.get("benchmarks"):
            raise ValueError(
                f"it lacks `benchmarks`; write `benchmarks: {{{DEFAULT}: {{margin: 0.05, tier: critical}}}}`"
            )
        return fields
    if "benchmarks" in fields:
        raise ValueError("it has both `margin`, the form of version 0.1, and `benchmarks`; keep the second")
    entry: dict[str, Any] = {"margin": fields.pop("margin"), "tier": "critical"}
    floors = fields.pop("floors", None) or {}
    if not isinstance(floors, Mapping):
        raise ValueError(f"floors must map measures to their least values, got {floors!r}")
    if own := {name: floor for name, floor in floors.items() if not str(name).startswith(PREFIX)}:
        entry["floors"] = own
    fields["floors"] = {name: floor for name, floor in floors.items() if name not in own}
    logger.warning(
        "%s: `margin` is the form of version 0.1; write `benchmarks: {%s: %s}`",
        _FILE, DEFAULT, str(entry).replace("'", ""),
    )  # fmt: skip
    return {**fields, "benchmarks": {DEFAULT: entry}}
