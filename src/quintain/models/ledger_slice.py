"""Slices of a ledger: the calls of some stages, counted, each with a digest that says which they were."""

import hashlib
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from quintain.errors import LedgerError
from quintain.models.ledger_counts import counted
from quintain.models.ledger_file import lenient_text
from quintain.usage import Price, Usage

_CALLS = f"""
SELECT stage, role, model, prompt, key, {counted("prompt_tokens")}, {counted("completion_tokens")} FROM calls
WHERE stage IN ({{marks}}) ORDER BY stage, role, model, prompt, key
"""  # noqa: S608 - only names of columns


@dataclass(frozen=True, kw_only=True)
class LedgerSlice(Usage):
    """The calls of one stage, role, model and prompt."""

    stage: str
    """Pipeline that asked; the rounds of a loop are one pipeline."""
    role: str
    """Role that was asked."""
    model: str
    """Name of the model that answered."""
    prompt: str
    """Fingerprint of the wording, `name@hash`."""
    money: float | None
    """Cost of the calls; None where the model has no price."""
    digest: str
    """Hash of the calls' keys: two slices with the same digest hold the same calls."""


def ledger_slices(ledger: Path, stages: Collection[str], prices: Mapping[str, Price]) -> list[LedgerSlice]:
    """Count the calls of some stages by stage, role, model and prompt.

    Args:
        ledger: The file.
        stages: Names of pipelines.
        prices: Name of a model → price of its tokens.

    Returns:
        The slices in that order; none where there is no ledger.

    Raises:
        LedgerError: The file is no ledger.
    """
    if not ledger.is_file() or not stages:
        return []
    calls: dict[tuple[str, str, str, str], Usage] = {}
    digests: dict[tuple[str, str, str, str], hashlib._Hash] = {}
    marks = ",".join("?" * len(stages))
    try:
        connection = sqlite3.connect(f"{ledger.resolve().as_uri()}?mode=ro", uri=True)
        connection.text_factory = lenient_text
        try:
            for *names, key, read, written in connection.execute(_CALLS.format(marks=marks), sorted(stages)):
                slot = (names[0], names[1], names[2], names[3])
                calls[slot] = calls.get(slot, Usage(0, 0, 0)) + Usage(1, read, written)
                digests.setdefault(slot, hashlib.sha256()).update(key.encode())
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise LedgerError(
            f"the ledger {ledger} could not be read: {error}; roles.ledger names it, and "
            "`quintain ledger repair` keeps all that can be read"
        ) from error
    return [
        LedgerSlice(
            stage=stage,
            role=role,
            model=model,
            prompt=prompt,
            calls=usage.calls,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            money=prices[model].of(usage) if model in prices else None,
            digest=digests[stage, role, model, prompt].hexdigest()[:16],
        )
        for (stage, role, model, prompt), usage in calls.items()
    ]
