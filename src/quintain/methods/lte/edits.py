"""One edit: a fact that a model shall state from now on, and the slot it fills."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from quintain.limits import EDIT_CHARACTERS, EDIT_TEXTS
from quintain.records import EditCase
from quintain.text.words import words

Words = tuple[str, ...]

_ACCENTS = dict.fromkeys(range(768, 880))


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """A fact to state: subject, relation and new target, and a prompt that asks for it.

    >>> edit = Edit(subject="Veldmark", relation="mayor", prompt="The mayor of Veldmark is", target_new="Ada Brook")
    >>> edit.fact
    'The mayor of Veldmark is Ada Brook'
    """

    subject: str
    """What the fact is about."""
    relation: str = ""
    """Which of its properties; when empty, what the prompt says besides the subject."""
    prompt: str
    """A question or the beginning of a sentence that the target completes."""
    target_new: str
    """What the model shall answer."""
    ground_truth: tuple[str, ...] = ()
    """Former answers in every spelling; one string is taken as one answer. Empty for knowledge that is new."""
    aliases: tuple[str, ...] = ()
    """Other names of the subject."""
    paraphrases: tuple[str, ...] = ()
    """Other ways to ask, reversed ones included."""

    def __post_init__(self) -> None:
        for name in ("ground_truth", "aliases", "paraphrases"):
            given = getattr(self, name)
            object.__setattr__(self, name, (given,) if isinstance(given, str) else tuple(given or ()))

    @property
    def fact(self) -> str:
        """The prompt completed with the new target; what an edit descriptor says."""
        return f"{self.prompt} {self.target_new}"

    def prompt_of(self, name: str) -> str:
        """The prompt with another name of the subject.

        >>> edit = Edit(subject="Big Apple", prompt="The mayor of Big Apple is", target_new="Ada Brook")
        >>> edit.prompt_of("New York")
        'The mayor of New York is'
        """
        return self.prompt.replace(self.subject, name) if self.subject in self.prompt else f"{name} {self.prompt}"

    @property
    def names(self) -> tuple[str, ...]:
        """The subject and its aliases."""
        return (self.subject, *self.aliases)


def edit_of(case: EditCase) -> Edit:
    """The edit of a case, without its probes."""
    return Edit(
        subject=case.subject,
        relation=case.relation,
        prompt=case.prompt,
        target_new=case.target_new,
        ground_truth=case.ground_truth,
        aliases=case.aliases,
        paraphrases=case.paraphrases,
    )


def fault_of(edit: Edit) -> str:
    """Say why an edit cannot be kept; empty for one that can.

    >>> fault_of(Edit(subject="Veldmark", prompt="The mayor of Veldmark is", target_new="Ada", ground_truth="ada "))
    "target_new 'Ada' is the former answer already, so the edit changes nothing"
    """
    for name in ("subject", "prompt", "target_new", "relation"):
        value = getattr(edit, name)
        if fault := fault_of_text(value):
            return f"{name} {fault}"
        if not value.strip() and name != "relation":
            return f"{name} is empty"
    others = [(name, text) for name in ("ground_truth", "aliases", "paraphrases") for text in getattr(edit, name)]
    if len(others) > EDIT_TEXTS:
        return f"{len(others)} aliases, paraphrases and former answers are more than {EDIT_TEXTS} (EDIT_TEXTS)"
    for name, text in others:
        if fault := fault_of_text(text):
            return f"one of {name} {fault}"
    # The prompt names the subject as often as it likes, and each alias takes its place everywhere.
    growth = edit.prompt.count(edit.subject) * max([0, *(len(alias) - len(edit.subject) for alias in edit.aliases)])
    if len(edit.prompt) + growth > EDIT_CHARACTERS:
        return f"the prompt with an alias has more than {EDIT_CHARACTERS:,} characters (EDIT_CHARACTERS)"
    if not word_forms(edit.subject):
        return f"subject {edit.subject!r} holds no letter or digit, so no question can name it"
    if word_forms(edit.target_new) and word_forms(edit.target_new) in map(word_forms, edit.ground_truth):
        return f"target_new {edit.target_new!r} is the former answer already, so the edit changes nothing"
    return ""


def fault_of_text(text: object) -> str:
    r"""Say why a text cannot be kept in a memory; empty for one that can.

    >>> fault_of_text("Ada \ud800")
    'holds half a character (U+D800), which no file can hold; correct it at its source'
    """
    if not isinstance(text, str):
        return f"is {type(text).__name__}, not text"
    if len(text) > EDIT_CHARACTERS:
        return f"has {len(text):,} characters, more than {EDIT_CHARACTERS:,} (EDIT_CHARACTERS)"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        half = ord(text[error.start])
        return f"holds half a character (U+{half:04X}), which no file can hold; correct it at its source"
    return ""


def word_forms(text: str) -> Words:
    """Words of a text without case, punctuation and accents, so that spellings of a name meet.

    >>> word_forms("Château-Landon")
    ('chateau', 'landon')
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFKD", text).translate(_ACCENTS))
    return tuple(words(text))


def find_name(name: Words, text: Words) -> int | None:
    """Position of a name in a text; None when it is not named there."""
    if not name or name[0] not in text:
        return None
    first, length = name[0], len(name)
    for at, word in enumerate(text):
        if word == first and text[at : at + length] == name:
            return at
    return None


def rest_of(text: Words, name: Words) -> Words:
    """A text without the first mention of a name."""
    at = find_name(name, text)
    return text if at is None else text[:at] + text[at + len(name) :]


def slot_of(edit: Edit) -> tuple[Words, Words]:
    """Slot of an edit: its subject and relation. Two edits of one slot with other targets contradict each other."""
    subject = word_forms(edit.subject)
    return subject, word_forms(edit.relation) or rest_of(word_forms(edit.prompt), subject)


def question_keys(edit: Edit) -> Iterator[str]:
    """The texts under which an edit is found by likeness: its prompt, with each alias too, and the paraphrases."""
    yield edit.prompt
    for alias in edit.aliases:
        yield edit.prompt_of(alias)
    yield from edit.paraphrases
