"""A model that only repeats what a ledger knows: for tests, audits and runs without an endpoint."""

from collections.abc import Sequence
from pathlib import Path

from quintain.errors import LedgerError
from quintain.models.language_model import Sampling
from quintain.models.ledger import Ledger, call_key
from quintain.records import Completion, Request


class ReplayModel:
    """Repeats recorded completions of another model.

    Args:
        ledger: Path of the recorded ledger.
        recorded: Name of the model that was recorded, as in its ledger.
        sampling: The sampling it was recorded with.

    Raises:
        LedgerError: The ledger does not exist.
    """

    def __init__(self, ledger: Path, recorded: str, sampling: Sampling) -> None:
        if not ledger.is_file():
            raise LedgerError(f"there is no ledger {ledger} to replay")
        self._ledger = Ledger(ledger)
        self._path = ledger
        self.name = recorded
        self.sampling = sampling

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Repeat each completion.

        Args:
            requests: What was asked in the recorded run.

        Returns:
            The recorded completions, in order.

        Raises:
            LedgerError: A request was never recorded.
        """
        keys = [call_key(self.name, self.sampling, request) for request in requests]
        known = self._ledger.answered(keys)
        if len(known) < len(set(keys)):
            unknown = next(request for key, request in zip(keys, requests, strict=True) if key not in known)
            raise LedgerError(
                f"{self._path} has no answer of {self.name} to request {unknown.id} ({unknown.prompt}); "
                "a replay needs the same prompts, data and sampling as the recorded run"
            )
        return [known[key] for key in keys]
