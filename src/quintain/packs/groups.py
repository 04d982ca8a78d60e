"""A group of a pack: five items that share a base task, each with the proof that it can be met and its rules tell."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from quintain.packs.checks import base_task_done, check
from quintain.records import ConstraintItem, Message, Rule

CHEAP_RESPONSES = (
    "",
    "   \n",
    ".",
    "Yes.",
    "No",
    "(B)",
    "42",
    "{}",
    "[]",
    "```json\n{}\n```",
    "- First point\n- Second point\n- Third point",
    "1. First point\n2. Second point\n3. Third point",
    "# Title\n\nFirst paragraph.\n\nSecond paragraph.",
    "| A | B |\n|---|---|\n| 1 | 2 |",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore.",
    "Sure! Here is the text you asked for. I hope it helps you. Let me know if you would like me to change anything.",
    "I'm sorry, but I can't help with that.",
    "I cannot assist with this request, because it goes against my guidelines. Is there anything else I can do?",
    "As an AI language model, I am not able to give an answer to this question. Please consult a professional instead.",
    "Unfortunately, I do not have enough information to respond. Could you please provide some more details first?",
)
"""What a model might say to anything at all."""


@dataclass(frozen=True)
class Case:
    """One item, and how it is proved."""

    instruction: str
    """What the model is asked."""
    rules: tuple[Rule, ...]
    """One per constraint, in the order in which levels add them."""
    target: str
    """What the base task asks for, as JSON for `base_task_done`."""
    witness: str
    """A response that does the task and obeys every rule."""
    mutants: tuple[str, ...]
    """For each rule, a response that does the task and breaks that rule alone."""
    context: tuple[Message, ...] = field(default=(), kw_only=True)
    """The turns before the instruction."""

    @property
    def asked(self) -> tuple[str, ...]:
        """Everything that stands before a response: no two items of a pack share it."""
        return (*(turn.content for turn in self.context), self.instruction)

    def verdicts(self, response: str) -> list[bool]:
        """Verdict on each rule: does a response obey it."""
        return [check(rule, response).holds for rule in self.rules]

    def passes(self, response: str) -> bool:
        """True where a response does the task and obeys every rule."""
        return base_task_done(response, self.target) and all(check(rule, response).holds for rule in self.rules)

    def faults(self) -> Iterator[str]:
        """Faults of the proof; nothing when it holds."""
        if not self.passes(self.witness):
            yield "the witness fails"
        if len(self.mutants) != len(self.rules):
            yield f"{len(self.mutants)} mutants for {len(self.rules)} rules"
        for i, mutant in enumerate(self.mutants):
            if self.verdicts(mutant) != [j != i for j in range(len(self.rules))]:
                yield f"mutant {i} does not break {self.rules[i].kind} alone"
            elif not base_task_done(mutant, self.target):
                yield f"mutant {i} does not do the task"
        if any(self.passes(turn.content) for turn in self.context):
            yield "a turn before the response passes"


@dataclass(frozen=True)
class Group:
    """Five items of one category that share a base task."""

    category: str
    """One of FollowBench's six."""
    source: str
    """What the group is about."""
    cases: tuple[Case, ...]
    """Levels 1 to 5."""

    def faults(self) -> list[str]:
        """Faults of the group; empty when every proof holds and nothing cheap passes level 1."""
        found = [f"level {level}: {fault}" for level, case in enumerate(self.cases, 1) for fault in case.faults()]
        echoes = (times * case.instruction for case in self.cases for times in (1, 2))
        cheap = [response for response in (*CHEAP_RESPONSES, *echoes) if self.cases[0].passes(response)]
        return found + [f"level 1 is passed by {response[:40]!r}" for response in cheap]

    def items(self, example_id: str) -> list[ConstraintItem]:
        """The items of levels 1 to 5."""
        return [
            ConstraintItem(
                example_id=example_id,
                category=self.category,
                level=level,
                instruction=case.instruction,
                rules=case.rules,
                target=case.target,
                source=self.source,
                context=case.context,
            )
            for level, case in enumerate(self.cases, start=1)
        ]


def nested(
    category: str,
    source: str,
    instructions: tuple[str, ...],
    rules: tuple[Rule, ...],
    target: str,
    texts: list[str],
) -> Group:
    """Make a group whose level n asks for the first n of five rules; one witness and its mutants prove all levels.

    Args:
        category: One of the six.
        source: What the group is about.
        instructions: One per level.
        rules: Five of them.
        target: What the base task asks for at every level.
        texts: The witness of level 5, then one mutant per rule.

    Returns:
        The group, not yet proved.
    """
    witness, *mutants = texts
    return Group(
        category,
        source,
        tuple(
            Case(instruction, rules[:level], target, witness, tuple(mutants[:level]))
            for level, instruction in enumerate(instructions, start=1)
        ),
    )
