"""Layout of a file: what is known of it beside its rows."""

from dataclasses import dataclass, field

from quintain.given.columns import Columns
from quintain.given.turns import TurnNames


@dataclass(frozen=True)
class Layout:
    """Names of columns and turns of a file, and perhaps its format."""

    columns: Columns = field(default_factory=Columns)
    """Names of its columns."""
    turns: TurnNames = field(default_factory=TurnNames)
    """Names that its turns use."""
    format: str = ""
    """Name of its format, where somebody has said it; empty where the rows tell."""
    why: str = ""
    """Who said it."""
    name: str = ""
    """Name of the file without its folder."""
