"""Witnesses and mutants: a text that obeys given rules, and one that breaks exactly one of them.

A draft is a handful of settings; imposing a rule sets them so that it holds, breaking a rule sets them so that it does
not. Whether the rules can hold together is not looked up in a table but found out: the text is rendered and checked.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from quintain.packs.checks import check
from quintain.packs.topics import Topic
from quintain.records import Rule

_WITH_TERM = (
    "Many people also think of a {term} here",
    "A good guide never leaves out the {term}",
    "Some would add a {term} to the list",
    "There is even room for a {term} somewhere",
    "One old story tells of a {term} as well",
)
# Enough of them that a text with every kind of insertion is still about its topic.
_TOPIC_SENTENCES = 5
_LONG_TAIL = " and so on and on for a very long time until nobody remembers where it all began that day"


@dataclass
class Draft:
    """Settings of a text that is about to be written."""

    topic: Topic
    rng: random.Random
    sentence_count: int | None = None
    paragraphs: int = 1
    bullets: int = 0
    numbered: int = 0
    bold: int = 0
    heading: int = 0
    first_line: str = ""
    last_line: str = ""
    opener: str = ""
    ends: list[str] = field(default_factory=lambda: ["."])
    case: str = ""
    excluded: set[str] = field(default_factory=set)
    first: list[str] = field(default_factory=list)
    inserted: list[str] = field(default_factory=list)
    tails: list[str] = field(default_factory=list)
    skip_opener_once: bool = False

    def with_term(self, term: str) -> str:
        """A neutral sentence that says the term once."""
        return self.rng.choice(_WITH_TERM).format(term=term)

    def render(self) -> str:
        """Write the text."""
        fixed = bool(self.heading) + bool(self.first_line) + bool(self.last_line)
        wanted = self.sentence_count or len(self.first) + len(self.inserted) + _TOPIC_SENTENCES + fixed
        count = max(1, wanted - fixed)
        allowed = [
            sentence
            for sentence in self.topic.sentences
            if not self.excluded & {word.lower() for word in sentence.split()}
        ]
        self.rng.shuffle(allowed)
        body = [*self.first, *allowed[: max(0, count - len(self.first) - len(self.inserted))], *self.inserted][:count]
        sentences = [self._finish(i, sentence) for i, sentence in enumerate(body)]
        text = "\n".join(
            part
            for part in (
                "#" * self.heading + " " + self.topic.name.capitalize() + self.ends[0] if self.heading else "",
                self.first_line,
                self._layout(sentences),
                self.last_line,
            )
            if part
        )
        return getattr(text, self.case)() if self.case else text

    def _finish(self, i: int, sentence: str) -> str:
        tail = self.tails[i] if i < len(self.tails) else ""
        if self.opener and not (self.skip_opener_once and i == 1):
            sentence = f"{self.opener} {sentence[0].lower()}{sentence[1:]}"
        head, _, rest = sentence.partition(" ")
        if i < self.bold:
            head = f"**{head}**"
        return f"{head} {rest}{tail}{self.ends[i % len(self.ends)]}"

    def _layout(self, sentences: list[str]) -> str:
        marks = [*["- "] * self.bullets, *[f"{i}. " for i in range(1, self.numbered + 1)]]
        listed = min(len(marks), len(sentences))
        prose, items = sentences[: len(sentences) - listed], sentences[len(sentences) - listed :]
        groups = [prose[i :: self.paragraphs] for i in range(self.paragraphs)]
        blocks = [" ".join(group) for group in groups if group]
        return "\n".join(
            ["\n\n".join(blocks), *(mark + item for mark, item in zip(marks, items, strict=False))]
        ).strip()


def _repeat(draft: Draft, times: int, term: str) -> None:
    draft.inserted += [draft.with_term(term) for _ in range(times)]


def _impose_repeat(draft: Draft, value: str) -> None:
    times, term = value.split("|")
    _repeat(draft, int(times), term)


def _violate_repeat(draft: Draft, value: str) -> None:
    times, term = value.split("|")
    _repeat(draft, int(times) + 1, term)


def _order(draft: Draft, earlier: str, later: str) -> None:
    draft.inserted += [draft.with_term(earlier), draft.with_term(later)]


def _skip_opener(draft: Draft, word: str) -> None:
    draft.opener, draft.skip_opener_once = word, True


def _bands(draft: Draft, value: str) -> None:
    least, most = map(int, value.split("|"))
    draft.sentence_count = max(2, (least + most) // 2 // 8)


_Setting = Callable[[Draft, str], None]

# What makes each rule hold.
_IMPOSE: dict[str, _Setting] = {
    "include": lambda draft, term: draft.inserted.append(draft.with_term(term)),
    "exclude": lambda draft, term: draft.excluded.add(term),
    "repeat": _impose_repeat,
    "in_first_sentence": lambda draft, term: draft.first.insert(0, draft.with_term(term)),
    "order": lambda draft, value: _order(draft, *value.split("|")),
    "case": lambda draft, value: setattr(draft, "case", value),
    "without": lambda draft, value: None,
    "sentence_end": lambda draft, mark: setattr(draft, "ends", [mark]),
    "sentence_start": lambda draft, word: setattr(draft, "opener", word),
    "no_first_person": lambda draft, value: None,
    "no_contraction": lambda draft, value: None,
    "sentence_words": lambda draft, value: None,
    "paragraph_count": lambda draft, value: setattr(draft, "paragraphs", int(value)),
    "sentence_count": lambda draft, value: setattr(draft, "sentence_count", int(value)),
    "bullets": lambda draft, value: setattr(draft, "bullets", int(value)),
    "numbered": lambda draft, value: setattr(draft, "numbered", int(value)),
    "heading": lambda draft, value: setattr(draft, "heading", int(value)),
    "last_line": lambda draft, value: setattr(draft, "last_line", value),
    "first_line": lambda draft, value: setattr(draft, "first_line", value),
    "bold": lambda draft, value: setattr(draft, "bold", int(value)),
    "word_count": _bands,
}

# What makes each rule fail and leaves the others alone.
_VIOLATE: dict[str, _Setting] = {
    "include": lambda draft, term: draft.excluded.add(term),
    "exclude": lambda draft, term: draft.inserted.append(draft.with_term(term)),
    "repeat": _violate_repeat,
    "in_first_sentence": lambda draft, term: draft.excluded.add(term),
    "order": lambda draft, value: _order(draft, *reversed(value.split("|"))),
    "case": lambda draft, value: None,
    "without": lambda draft, mark: draft.tails.append(f"{mark} and then more"),
    "sentence_end": lambda draft, mark: setattr(draft, "ends", [*draft.ends, "?" if mark != "?" else "."]),
    "sentence_start": _skip_opener,
    "no_first_person": lambda draft, value: draft.tails.append(" for me"),
    "no_contraction": lambda draft, value: draft.tails.append(" and that's enough"),
    "sentence_words": lambda draft, value: draft.tails.append(_LONG_TAIL),
    "paragraph_count": lambda draft, value: setattr(draft, "paragraphs", int(value) + 1),
    "sentence_count": lambda draft, value: setattr(draft, "sentence_count", int(value) + 1),
    "bullets": lambda draft, value: setattr(draft, "bullets", int(value) - 1),
    "numbered": lambda draft, value: setattr(draft, "numbered", int(value) - 1),
    "heading": lambda draft, value: setattr(draft, "heading", int(value) + 1),
    "last_line": lambda draft, value: setattr(draft, "last_line", value + " Really."),
    "first_line": lambda draft, value: setattr(draft, "first_line", value + " Really."),
    "bold": lambda draft, value: setattr(draft, "bold", int(value) - 1),
    "word_count": lambda draft, value: draft.tails.extend([_LONG_TAIL] * (int(value.split("|")[1]) // 10)),
}


def compose(topic: Topic, rules: Sequence[Rule], seed: int, broken: int | None = None, tries: int = 40) -> str | None:
    """Write a text that obeys every rule, or every rule but one.

    Args:
        topic: What the text is about.
        rules: The rules in the order in which an item adds them.
        seed: Seed of the draws.
        broken: Index of the rule to break; None for a witness.
        tries: How many drafts to write before giving up.

    Returns:
        The text; None when no draft came out as asked, which means that the rules conflict.
    """
    rng = random.Random(seed)
    for _ in range(tries):
        draft = Draft(topic, rng)
        # The broken rule comes last: its setting must win over the settings of its neighbours.
        for i in sorted(range(len(rules)), key=lambda i: i == broken):
            if i == broken:
                _VIOLATE[rules[i].kind](draft, rules[i].value)
            else:
                _IMPOSE[rules[i].kind](draft, rules[i].value)
        text = draft.render()
        if [check(rule, text).holds for rule in rules] == [i != broken for i in range(len(rules))]:
            return text
    return None
