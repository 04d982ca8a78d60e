"""Detection: which format a file's rows have, said with the columns that show it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quintain.given.columns import NAMES, OPTIONAL
from quintain.given.formats import Format, present
from quintain.given.layout import Layout
from quintain.given.pair_formats import PAIR_FORMATS
from quintain.given.paper_formats import INSTRUCTIONS, PAPER_FORMATS
from quintain.given.preference_formats import PREFERENCE_FORMATS
from quintain.given.turns import chat_in, is_turn
from quintain.records import SHOWN_CHARACTERS

FORMATS: dict[str, Format] = {
    each.name: each for each in (*PREFERENCE_FORMATS, *PAPER_FORMATS, *PAIR_FORMATS, INSTRUCTIONS)
}
"""All formats by name, in the order in which they are tried."""
_RENDERED = re.compile(
    r"<\|(im_start|start_header_id|user|assistant)\|>|<start_of_turn>|\[INST\]|### ?(Human|Instruction|User)\b|"
    r"^[ \t]*(Human|User|USER): ",
    re.MULTILINE,
)
"""Marks of turns in a text."""
_LIKELY = {
    "asked": ("instruction", "question", "query", "prompt", "problem", "input", "inputs", "request", "task"),
    "said": ("response", "answer", "output", "completion", "solution", "target", "targets", "reply"),
    "better": ("chosen", "chosen_response", "preferred", "accepted", "preferred_output"),
    "worse": ("rejected", "rejected_response", "dispreferred", "unpreferred", "non_preferred_output"),
}
"""What others call a column, in small letters, to be offered where nothing fits; the likeliest first."""


@dataclass(frozen=True)
class Taken:
    """Verdict on a file: the format it is taken for."""

    main: Format | None
    """Format of most of its rows; None where no row has one."""
    why: str
    """What shows it."""


def format_of(row: Mapping[str, Any], layout: Layout) -> Format | None:
    """The first format that a row fits, under our names, and that reads the columns which somebody named."""
    named = layout.columns.names.keys() - OPTIONAL
    return next((each for each in FORMATS.values() if named <= set(each.columns) and each.fits(row)), None)


def take(rows: Sequence[Mapping[str, Any]], layout: Layout) -> Taken:
    """Tell the format of a file from some of its rows.

    Args:
        rows: Rows under our names, the first ones of the file.
        layout: What is known of the file; a format that it names counts more than the rows.

    Returns:
        The format, and why.
    """
    if layout.format:
        return Taken(FORMATS[layout.format], layout.why)
    found = [(each, row) for row in rows if (each := format_of(row, layout))]
    strong = [(each, row) for each, row in found if not each.weak] or found
    if not strong:
        return Taken(None, "")
    name, _ = Counter(each.name for each, _ in strong).most_common(1)[0]
    main, row = next((each, row) for each, row in strong if each.name == name)
    return Taken(main, _why(main, row))


def for_row(row: Mapping[str, Any], main: Format | None, layout: Layout) -> Format | None:
    """Format of one row of a file: its own, or that of the file where something is missing from it."""
    own = format_of(row, layout)
    if main is None or (own is not None and not own.weak):
        return own
    return main if own is not None or row.keys() & set(main.columns) else None


def remedy(rows: Iterable[Mapping[str, Any]]) -> str:
    """Words on what to type where no row fits: a mapping where the columns have a likely one, else how to write one."""
    for row in rows:
        if names := _mapping(row):
            typed = ",".join(f"{ours}={theirs}" for ours, theirs in names.items())
            return f"if those columns are what they look like, add --columns {typed}"
        have = present(row)
        if have == {"text"} and _RENDERED.search(str(row["text"])[:SHOWN_CHARACTERS]):
            return "its texts are chats that a template has rendered; write their turns as `messages`"
        if have == {"text"} or have == {"webpage"}:
            return "texts without instructions are pages: name them as `pages` in globals.yml, and run synthesis"
        if "score" in have and "text" in have:
            return "reviews of a referee are no data to train on"
    return f"say which columns hold what with --columns OURS=THEIRS; ours are {', '.join(NAMES)}"


def _mapping(row: Mapping[str, Any]) -> dict[str, str]:
    """Our names → columns of a row that look like them; empty where none do."""
    if chat := next((name for name, value in row.items() if _is_told(chat_in(value) or [])), ""):
        return {"messages": chat}
    small = {name.lower(): name for name in present(row) if isinstance(row[name], str)}
    found = {part: next((small[name] for name in names if name in small), "") for part, names in _LIKELY.items()}
    asked, said, better, worse = (found[part] for part in ("asked", "said", "better", "worse"))
    if asked and better and worse:
        return {"prompt": asked, "chosen": better, "rejected": worse}
    return {"instruction": asked, "response": said} if asked and said else {}


def _is_told(chat: Sequence[object]) -> bool:
    """True for a chat of somebody who asks and somebody who responds."""
    return len(chat) > 1 and all(map(is_turn, chat))


def _why(found: Format, row: Mapping[str, Any]) -> str:
    shown = [name for name in row if name in found.columns and name in present(row)]
    return f"its rows have {', '.join(shown)}"
