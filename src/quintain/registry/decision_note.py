"""A decision of the gate, as a version of the registry keeps it: a record, tags and a note in Markdown."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

from quintain.registry.gate import Decision
from quintain.registry.policy import PromotionPolicy

_HEADING = "\n## Gate\n"
_LONGEST_TAG = 1000


@dataclasses.dataclass(frozen=True)
class DecisionNote:
    """Decision of the gate about a version, against whom, and whether it was overruled."""

    decision: Decision
    policy: PromotionPolicy
    over: str
    """Version of the champion; empty when nobody held the title."""
    benchmarks: tuple[str, ...]
    """Benchmarks of the version, the headline first."""
    forced: str = ""
    """Why the gate was overruled; empty when it was not."""

    def record(self) -> dict[str, Any]:
        """All of it, for the file gate.json."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return {"decided": now, **dataclasses.asdict(self)}

    def tags(self) -> dict[str, str]:
        """The numbers that people search by; an empty one says that a former decision had it."""
        tags = {
            "gate.outcome": self.decision.outcome,
            "gate.over": self.over,
            "gate.forced": self.forced[:_LONGEST_TAG],
        }
        for position, name in enumerate(self.benchmarks):
            comparison, suffix = self.decision.comparisons.get(name), f".{name}" if position else ""
            tags |= {
                f"gate.difference{suffix}": f"{comparison.difference:.4f}" if comparison else "",
                f"gate.lower_bound{suffix}": f"{comparison.lower_bound:.4f}" if comparison else "",
                f"gate.items_wanted{suffix}": str(self.decision.items_wanted.get(name, "")),
            }
        return tags

    def described(self, description: str) -> str:
        """A version's page with this decision at its end, in place of a former one."""
        over = f"over version {self.over}" if self.over else "first champion"
        marks = {"pass": "pass", "note": "note", "FAIL": "**fail**"}
        rows = [f"| {self.decision.shown(v)} | {marks[v.mark]} | {v.reason} |" for v in self.decision.verdicts]
        lines = [f"**{self.decision.outcome}**, {over}.", "", "| condition | | |", "|---|---|---|", *rows]
        for text in self.decision.wants():
            lines += ["", f"{text[0].upper()}{text[1:]}."]
        if self.forced:
            lines += ["", f"The title was moved by force: {self.forced}"]
        return description.partition(_HEADING)[0] + _HEADING + "\n" + "\n".join(lines) + "\n"
