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
        lines = [f"**{self.decision.outcome}**, {over}.", "", conditions(self.decision)]
        if self.forced:
            lines += ["", f"The title was moved by force: {self.forced}"]
        return description.partition(_HEADING)[0] + _HEADING + "\n" + "\n".join(lines) + "\n"


def conditions(decision: Decision) -> str:
    """Set a decision's conditions in a Markdown table, and what would settle those that are open.

    Args:
        decision: Decision of the gate.

    Returns:
        The table and a sentence for each open benchmark, without a final newline.
    """
    marks = {"pass": "pass", "note": "note", "FAIL": "**fail**"}
    rows = [f"| {decision.shown(each)} | {marks[each.mark]} | {each.reason} |" for each in decision.verdicts]
    wants = [f"{text[0].upper()}{text[1:]}." for text in decision.wants()]
    return "\n\n".join(["\n".join(["| condition | | |", "|---|---|---|", *rows]), *wants])
