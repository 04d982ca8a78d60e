"""A decision of the gate, as a version of the registry keeps it: a record, tags and a note in Markdown."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

from quintain.registry.gate import Decision, PromotionPolicy

_HEADING = "\n## Gate\n"
_LONGEST_TAG = 1000


@dataclasses.dataclass(frozen=True)
class DecisionNote:
    """What the gate said about a version, against whom, and whether it was overruled."""

    decision: Decision
    policy: PromotionPolicy
    over: str
    """Version of the champion; empty when nobody held the title."""
    forced: str = ""
    """Why the gate was overruled; empty when it was not."""

    def record(self) -> dict[str, Any]:
        """All of it, for the file gate.json."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return {"decided": now, **dataclasses.asdict(self)}

    def tags(self) -> dict[str, str]:
        """The numbers that people search by; an empty one says that a former decision had it."""
        comparison, wanted = self.decision.comparison, self.decision.items_wanted
        return {
            "gate.outcome": self.decision.outcome,
            "gate.over": self.over,
            "gate.forced": self.forced[:_LONGEST_TAG],
            "gate.difference": f"{comparison.difference:.4f}" if comparison else "",
            "gate.lower_bound": f"{comparison.lower_bound:.4f}" if comparison else "",
            "gate.items_wanted": str(wanted or ""),
        }

    def described(self, description: str) -> str:
        """A version's page with this decision at its end, in place of a former one."""
        over = f"over version {self.over}" if self.over else "first champion"
        marks = {True: "pass", False: "**fail**"}
        rows = [f"| {v.condition} | {marks[v.passed]} | {v.reason} |" for v in self.decision.verdicts]
        lines = [f"**{self.decision.outcome}**, {over}.", "", "| condition | | |", "|---|---|---|", *rows]
        if self.decision.items_wanted:
            lines += ["", f"About {self.decision.items_wanted:,} further items would settle it at 80 % power."]
        if self.forced:
            lines += ["", f"The title was moved by force: {self.forced}"]
        return description.partition(_HEADING)[0] + _HEADING + "\n" + "\n".join(lines) + "\n"
