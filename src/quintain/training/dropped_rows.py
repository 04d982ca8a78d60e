"""Rows that a student cannot learn from: counted, shown, and too many of them refused."""

import logging
from collections import Counter
from collections.abc import Sequence

from quintain.errors import RecordError
from quintain.records import Dropped

logger = logging.getLogger(__name__)

_REMEDIES = {
    "too-long": "raise {setting}.max_length or give shorter ones",
    "no-room": "raise {setting}.max_length or give shorter ones",
    "reasoning-only": "ask the teacher for more new tokens, so that it gets to its response",
    "template-refuses": "see what turns the chat template of the student takes (`quintain models show FOLDER`)",
    "not-rendered": "see what the chat template of the student does to these responses",
}


def refuse_dropped(dropped: Sequence[Dropped], total: int, most_dropped: float, setting: str) -> None:
    """Say what was dropped, and refuse to train on what is left of too much.

    Args:
        dropped: The rows that the student cannot learn from.
        total: Number of all rows.
        most_dropped: Largest share of them that may be dropped.
        setting: Name under which the user sets the parameters, for messages.

    Raises:
        RecordError: None is left, or more than that share was dropped.
    """
    if not total:
        raise RecordError("there is no row to learn from; see what the stages before have dropped")
    if not dropped:
        return
    counts = Counter(one.reason for one in dropped)
    reasons = ", ".join(f"{count} {why}" for why, count in counts.most_common())
    said = f"{len(dropped)} of {total} rows cannot be learned: {reasons}, such as {dropped[0].where}"
    if len(dropped) < total and len(dropped) <= most_dropped * total:
        logger.warning("%s", said)
        return
    remedies = [_REMEDIES[why].format(setting=setting) for why in counts if why in _REMEDIES] or ["mend the rows"]
    limit = "" if len(dropped) == total else f", and {setting}.most_dropped allows {most_dropped:.0%}"
    raise RecordError(f"{said}{limit}; {'; '.join(dict.fromkeys(remedies))}")
