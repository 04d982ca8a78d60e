"""Names of columns: what `--columns instruction=question,response=answer` says, and rows under our names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from quintain.errors import ConfigError
from quintain.field_words import unknown

NAMES = (
    "instruction", "input", "response", "output", "system", "history", "context", "messages", "conversations", "prompt",
    "completion", "chosen", "rejected", "subject", "target", "target_new", "category", "tools", "images", "videos",
    "audios", "label",
)  # fmt: skip
"""Names that a column can be given."""
OPTIONAL = frozenset(
    ("input", "system", "history", "context", "category", "tools", "images", "videos", "audios", "label")
)
"""Those that a row may leave out."""
_SAME = {"response": "output", "output": "response", "messages": "conversations", "conversations": "messages"}


@dataclass(frozen=True)
class Columns:
    """Our name → name in the file; what is not named here keeps its name."""

    names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.names:
            if name not in NAMES:
                raise ConfigError(f"columns: {unknown(name, NAMES)}")
        for name, same in _SAME.items():
            if name in self.names and same in self.names:
                raise ConfigError(f"columns: {name} and {same} are two names of one thing; name one of them")
        taken = list(self.names.values())
        if doubled := next((one for one in taken if taken.count(one) > 1), ""):
            raise ConfigError(f"columns: {doubled} of the file is taken for two things; name it once")

    def missing(self, row: Mapping[str, Any]) -> list[str]:
        """Columns of the file that are named here, that a row needs and does not have."""
        return [theirs for ours, theirs in self.names.items() if theirs not in row and ours not in OPTIONAL]

    def ours(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """A row under our names, and what of it stood under one of them and means something else."""
        if not self.names:
            return dict(row), {}
        named = {theirs: ours for ours, theirs in self.names.items()}
        hidden = {name: row[name] for name in row if name in self.hidden_names and name not in named}
        return {named.get(name, name): value for name, value in row.items() if name not in hidden}, hidden

    @property
    def hidden_names(self) -> set[str]:
        """Our names, and those that mean the same, which columns of the file cannot have beside those named here."""
        return set(self.names) | {_SAME[name] for name in self.names if name in _SAME}

    def theirs(self, row: Mapping[str, Any], hidden: Mapping[str, Any]) -> dict[str, Any]:
        """The way back from `ours`."""
        return {self.names.get(name, name): value for name, value in row.items()} | dict(hidden)


def read_columns(texts: Iterable[str]) -> Columns:
    """Read what was typed behind `--columns`.

    Args:
        texts: Each `ours=theirs`, several with commas between them.

    Returns:
        The names.

    Raises:
        ConfigError: A part has no `=`, names something that is no name of ours, or a name stands twice.

    >>> read_columns(["instruction=question,response=answer"]).names
    {'instruction': 'question', 'response': 'answer'}
    """
    names: dict[str, str] = {}
    for part in (part for text in texts for part in text.split(",") if part.strip()):
        ours, equals, theirs = (piece.strip() for piece in part.partition("="))
        if not (ours and equals and theirs):
            raise ConfigError(f"columns: {part.strip()!r} is no `name=column`, such as instruction=question")
        if ours in names:
            raise ConfigError(f"columns: {ours} is named twice; name it once")
        names[ours] = theirs
    return Columns(names)
