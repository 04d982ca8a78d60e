"""A group of a pack: one base task, five rules added one by one, and the proof that they can be met and told apart."""

from dataclasses import dataclass

from quintain.packs.checks import base_task_done, check
from quintain.records import ConstraintItem, Rule

REFUSALS = (
    "",
    "   \n",
    "I'm sorry, but I can't help with that.",
    "Sure! Here is the text you asked for.",
    "Yes.",
    "(B)",
)


@dataclass(frozen=True)
class Group:
    """Five items of one category that share a base task."""

    category: str
    """One of FollowBench's six."""
    source: str
    """What the group is about."""
    instructions: tuple[str, ...]
    """The instruction at levels 1 to 5."""
    rules: tuple[Rule, ...]
    """The rule that each level adds."""
    target: str
    """What the base task asks for, as JSON for `base_task_done`."""
    witness: str
    """A response that does the task and obeys all five rules."""
    mutants: tuple[str, ...]
    """For each rule, a response that does the task and breaks that rule alone."""

    def faults(self) -> list[str]:
        """What is wrong with the group; empty when every proof holds."""
        found = []
        if not (base_task_done(self.witness, self.target) and all(self.verdicts(self.witness))):
            found.append("the witness fails")
        for i, mutant in enumerate(self.mutants):
            if self.verdicts(mutant) != [j != i for j in range(len(self.rules))]:
                found.append(f"mutant {i} does not break {self.rules[i].kind} alone")
            elif not base_task_done(mutant, self.target):
                found.append(f"mutant {i} does not do the task")
        for response in (*REFUSALS, self.instructions[0], self.instructions[-1]):
            if base_task_done(response, self.target) and check(self.rules[0], response).holds:
                found.append(f"level 1 is passed by {response[:40]!r}")
        return found

    def verdicts(self, response: str) -> list[bool]:
        """Which rules a response obeys."""
        return [check(rule, response).holds for rule in self.rules]

    def items(self, example_id: str) -> list[ConstraintItem]:
        """The items of levels 1 to 5."""
        return [
            ConstraintItem(
                example_id=example_id,
                category=self.category,
                level=level,
                instruction=instruction,
                rules=self.rules[:level],
                target=self.target,
                source=self.source,
            )
            for level, instruction in enumerate(self.instructions, start=1)
        ]
