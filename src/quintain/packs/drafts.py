"""Witnesses and mutants: a text that obeys given rules, and one that breaks exactly one of them.

A draft is a handful of settings; imposing a rule sets them so that it holds, breaking a rule sets them so that it does
not. Whether the rules can hold together is not looked up in a table but found out: the text is rendered and checked.
"""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from quintain.packs.checks import check
from quintain.packs.stock import Stock, Topic, Voice
from quintain.records import Rule

# Another number at every try: some rule on lengths may fit only a few of them.
_TOPIC_SENTENCES = (2, 3, 4, 5, 6, 7, 8)
_LONG_TAIL = " and so on and on for a very long time until nobody remembers where it all began that day"


@dataclass
class Draft:
    """Settings of a text that is about to be written."""

    topic: Topic
    rng: random.Random
    stock: Stock
    voice: Voice
    sentence_count: int | None = None
    paragraphs: int = 1
    bullets: int = 0
    numbered: int = 0
    bold: int = 0
    heading: int = 0
    first_line: str = ""
    last_line: str = ""
    tags: Sequence[str] = ()
    openers: list[str] = field(default_factory=list)
    distinct_openers: bool = False
    ends: list[str] = field(default_factory=lambda: ["."])
    case: str = ""
    excluded: set[str] = field(default_factory=set)
    no_letter: str = ""
    first: list[str] = field(default_factory=list)
    inserted: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    placed: dict[int, list[str]] = field(default_factory=dict)
    tails: list[str] = field(default_factory=list)
    tail: str = ""
    said: list[str] = field(default_factory=list)
    """Neutral statements so far."""
    no_opener_at: int | None = None
    """The sentence that goes without the opener of all others."""
    no_tail_at: int | None = None
    """The sentence that goes without the tail of all others."""

    def with_term(self, term: str) -> str:
        """A neutral sentence that says the term once."""
        left = [each for each in self.voice.with_term if not self.voice.fresh or each not in self.said]
        self.said.append(self.rng.choice(left or self.voice.with_term))
        return self.said[-1].format(term=term)

    def render(self) -> str:
        """Write the text."""
        blocks, items = self._arrange()
        finished = [self._finish(i, sentence) for i, sentence in enumerate(itertools.chain(*blocks, items))]
        for i, tag in enumerate(self.tags):
            finished[i % len(finished)] = f"<{tag}>{finished[i % len(finished)]}</{tag}>"
        prose, start = [], 0
        for block in blocks:
            prose.append(" ".join(finished[start : start + len(block)]))
            start += len(block)
        marks = [*["- "] * self.bullets, *[f"{i}. " for i in range(1, self.numbered + 1)]]
        parts = [
            "#" * self.heading + " " + self.topic.name.capitalize() if self.heading else "",
            self.first_line,
            "\n\n".join(filter(None, prose)),
            *(mark + item for mark, item in zip(marks, finished[start:], strict=False)),
            self.last_line,
        ]
        text = "\n".join(filter(None, parts))
        return getattr(text, self.case)() if self.case else text

    def _arrange(self) -> tuple[list[list[str]], list[str]]:
        """Put bare sentences into paragraphs, the last of them into the list."""
        body = [*self.first, *self._about_topic(), *self.inserted, *self.last]
        listed = min(self.bullets + self.numbered, len(body))
        prose, items = body[: len(body) - listed], body[len(body) - listed :]
        ends = [i * len(prose) // self.paragraphs for i in range(self.paragraphs + 1)]
        blocks = [prose[start:end] for start, end in itertools.pairwise(ends)]
        for number, sentences in self.placed.items():
            block = blocks[min(number, len(blocks) - 1)]
            block[min(1, len(block)) : 1] = sentences
        return blocks, items

    def _about_topic(self) -> list[str]:
        fixed = bool(self.first_line) + bool(self.last_line)
        given = len(self.first) + len(self.inserted) + len(self.last) + sum(map(len, self.placed.values()))
        wanted = self.sentence_count or given + fixed + self.rng.choice(_TOPIC_SENTENCES)
        allowed = [
            sentence
            for sentence in self.topic.sentences
            if not self.excluded & set(sentence.lower().split()) and self.no_letter not in (set(sentence.lower()))
        ]
        self.rng.shuffle(allowed)
        if self.distinct_openers:
            allowed = list({sentence.split()[0]: sentence for sentence in allowed}.values())
        return [self.voice.frame(sentence, self.rng) for sentence in allowed[: max(0, wanted - fixed - given)]]

    def _finish(self, i: int, sentence: str) -> str:
        if self.openers and i != self.no_opener_at:
            sentence = f"{self.openers[i % len(self.openers)]} {sentence[0].lower()}{sentence[1:]}"
        head, _, rest = sentence.partition(" ")
        if i < self.bold:
            head = f"**{head}**"
        tail = (self.tails[i] if i < len(self.tails) else "") + ("" if i == self.no_tail_at else self.tail)
        return f"{head} {rest}{tail}{self.ends[i % len(self.ends)]}"


_Setting = Callable[[Draft, str], None]


def _say(draft: Draft, times: int, term: str) -> None:
    draft.inserted += [draft.with_term(term) for _ in range(times)]


def _times(extra: int) -> _Setting:
    def say(draft: Draft, value: str) -> None:
        times, term = value.split("|")
        _say(draft, int(times) + extra, term)

    return say


def _order(draft: Draft, earlier: str, later: str) -> None:
    draft.inserted += [draft.with_term(earlier), draft.with_term(later)]


def _place(draft: Draft, value: str, elsewhere: int = 0) -> None:
    number, term = value.split("|")
    draft.paragraphs = max(draft.paragraphs, int(number), 2)
    place = (int(number) - 1 + elsewhere) % draft.paragraphs
    draft.placed.setdefault(place, []).append(draft.with_term(term))


def _open_with(*openers: str, bare: int | None = None) -> _Setting:
    def set_openers(draft: Draft, value: str) -> None:
        draft.openers, draft.no_opener_at = [*(openers or value.split("|"))], bare

    return set_openers


def _open_in(bare: int | None = None) -> _Setting:
    return lambda draft, letter: _open_with(draft.stock.openers[letter], bare=bare)(draft, letter)


def _alliterate(bare: int | None = None) -> _Setting:
    def set_tail(draft: Draft, letter: str) -> None:
        draft.tail, draft.no_tail_at = draft.stock.alliterations[letter], bare

    return set_tail


def _set(**settings: object) -> _Setting:
    def put(draft: Draft, _: str) -> None:
        for name, setting in settings.items():
            setattr(draft, name, setting)

    return put


def _number(name: str, change: int = 0) -> _Setting:
    return lambda draft, value: setattr(draft, name, int(value) + change)


def _text(name: str, extra: str = "") -> _Setting:
    return lambda draft, value: setattr(draft, name, value + extra)


def _tail(text: str, times: int = 1) -> _Setting:
    return lambda draft, value: draft.tails.extend([text] * times)


# What makes each rule hold; nothing where a draft holds it of itself.
_IMPOSE: dict[str, _Setting] = {
    "include": lambda draft, term: _say(draft, 1, term),
    "exclude": lambda draft, term: draft.excluded.add(term),
    "repeat": _times(0),
    "at_least": _times(0),
    "at_most": lambda draft, value: draft.excluded.add(value.split("|")[1]),
    "in_first_sentence": lambda draft, term: draft.first.insert(0, draft.with_term(term)),
    "in_last_sentence": lambda draft, term: draft.last.append(draft.with_term(term)),
    "in_paragraph": _place,
    "order": lambda draft, value: _order(draft, *value.split("|")),
    "case": _text("case"),
    "no_letter": _text("no_letter"),
    "sentence_end": lambda draft, mark: setattr(draft, "ends", [mark]),
    "sentence_start": _open_with(),
    "alternate": _open_with(),
    "first_letter": _open_in(),
    "distinct_openers": _set(distinct_openers=True),
    "alliteration": _alliterate(),
    "paragraph_count": _number("paragraphs"),
    "sentence_count": _number("sentence_count"),
    "bullets": _number("bullets"),
    "numbered": _number("numbered"),
    "heading": _number("heading"),
    "last_line": _text("last_line"),
    "first_line": _text("first_line"),
    "bold": _number("bold"),
    "tags": lambda draft, name: setattr(draft, "tags", (name,)),
}

# What makes each rule fail and leaves the others alone.
_BREAK: dict[str, _Setting] = {
    "include": lambda draft, term: draft.excluded.add(term),
    "exclude": lambda draft, term: _say(draft, 1, term),
    "repeat": _times(1),
    "at_least": _times(-1),
    "at_most": _times(1),
    "in_first_sentence": lambda draft, term: draft.excluded.add(term),
    "in_last_sentence": lambda draft, term: draft.excluded.add(term),
    "in_paragraph": lambda draft, value: _place(draft, value, elsewhere=1),
    "order": lambda draft, value: _order(draft, *reversed(value.split("|"))),
    "case": _set(case=""),
    "without": lambda draft, mark: draft.tails.append(f"{mark} and then more"),
    "only_full_stops": _tail(" (and then more)"),
    "no_letter": lambda draft, letter: draft.tails.append(f" with {draft.stock.rare_letters[letter]}"),
    "no_first_person": _tail(" for me"),
    "no_contraction": _tail(" and that's enough"),
    "sentence_end": lambda draft, mark: setattr(draft, "ends", [mark, "?" if mark != "?" else "."]),
    "sentence_start": _open_with(bare=1),
    "alternate": _open_with(bare=1),
    "first_letter": _open_in(bare=1),
    "distinct_openers": lambda draft, _: setattr(draft, "openers", [next(iter(draft.stock.openers.values()))]),
    "alliteration": _alliterate(bare=1),
    "sentence_words": _tail(_LONG_TAIL),
    "paragraph_count": _number("paragraphs", 1),
    "paragraph_words": _tail(_LONG_TAIL, 3),
    "sentence_count": _number("sentence_count", 1),
    "bullets": _number("bullets", -1),
    "numbered": _number("numbered", -1),
    "heading": _number("heading", 1),
    "last_line": _text("last_line", " Really."),
    "first_line": _text("first_line", " Really."),
    "bold": _number("bold", -1),
    "tags": lambda draft, name: setattr(draft, "tags", (name, name)),
    "word_count": _tail(_LONG_TAIL, 4),
}


def compose(
    topic: Topic, rules: Sequence[Rule], seed: int, stock: Stock, broken: int | None = None, tries: int = 30
) -> str | None:
    """Write a text that obeys every rule, or every rule but one.

    Args:
        topic: What the text is about.
        rules: The rules in the order in which an item adds them.
        seed: Seed of the draws.
        stock: What the text is drawn from; one of its voices is taken for the whole text.
        broken: Index of the rule to break; None for a witness.
        tries: How many drafts to write before giving up.

    Returns:
        The text; None when no draft came out as asked, which means that the rules conflict.
    """
    rng = random.Random(seed)
    voice = stock.voices[0] if len(stock.voices) == 1 else rng.choice(stock.voices)
    for _ in range(tries):
        draft = Draft(topic, rng, stock, voice)
        # The broken rule comes last: its setting must win over the settings of its neighbours.
        for i in sorted(range(len(rules)), key=lambda i: i == broken):
            settings = _BREAK if i == broken else _IMPOSE
            if rules[i].kind in settings:
                settings[rules[i].kind](draft, rules[i].value)
        text = draft.render()
        if all(check(rule, text).holds is (i != broken) for i, rule in enumerate(rules)):
            return text
    return None
