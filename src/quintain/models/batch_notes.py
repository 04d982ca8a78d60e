"""Notes of batches that were submitted and whose answers are not all kept, so that no run submits them again."""

import os
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import msgspec

from quintain.errors import LedgerError
from quintain.models.spending import is_over, this_host

_SUBMITTED_SECONDS = 3600.0
"""Longest time that an upload takes."""
_FORGOTTEN_SECONDS = 60 * 24 * 3600
"""Age at which a note is of no use: no provider keeps the files of a batch so long."""


@dataclass(frozen=True)
class SubmittedBatch:
    """A batch at a provider."""

    token: str
    """Our name of it, which it carries in its metadata."""
    model: str
    """Name of the model."""
    address: str
    """Where it is."""
    custom_ids: tuple[str, ...]
    """Ids of its chats."""
    reservation: str
    """What its cost is reserved under."""
    batch_id: str = ""
    """The provider's name of it; empty until the provider has given one."""
    at: float = field(default_factory=time.time)
    """When it was submitted."""
    host: str = field(default_factory=this_host)
    """Machine that submitted it."""
    pid: int = field(default_factory=os.getpid)
    """Process that submitted it."""

    @property
    def is_being_submitted(self) -> bool:
        """True while another process may be about to submit it."""
        if self.pid == os.getpid() and self.host == this_host():
            return False
        return not is_over(self.host, self.pid, self.at + _SUBMITTED_SECONDS)


class BatchNotes:
    """Notes, one small file each; without a folder they live as long as this process.

    Args:
        folder: Where they lie; made with the first one.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._held: dict[str, SubmittedBatch] = {}

    def of(self, model: str, address: str) -> list[SubmittedBatch]:
        """Batches of a model at an address, the oldest first.

        Args:
            model: Name of the model.
            address: Where it is asked.

        Returns:
            The batches.

        Raises:
            LedgerError: A note cannot be read.
        """
        found = list(self._held.values())
        for path in sorted(self._folder.glob("*.json")) if self._folder else ():
            try:
                note = msgspec.json.decode(path.read_bytes(), type=SubmittedBatch)
            except (OSError, msgspec.DecodeError) as error:
                raise LedgerError(
                    f"the note of a submitted batch {path} cannot be read: {error}. Its chats may be paid for already; "
                    "see at the provider what became of it, then move the note away"
                ) from None
            if time.time() - note.at < _FORGOTTEN_SECONDS:
                found.append(note)
        return sorted((one for one in found if (one.model, one.address) == (model, address)), key=lambda one: one.at)

    def write(self, batch: SubmittedBatch) -> None:
        """Note a batch, or what is new about it."""
        if self._folder is None:
            self._held[batch.token] = batch
            return
        path = self.path_of(batch)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            beside = path.with_suffix(".new")
            beside.write_bytes(msgspec.json.encode(asdict(batch)))
            beside.replace(path)
        except OSError as error:
            raise LedgerError(
                f"the note of a batch {path} cannot be written: {error}; make room or give access"
            ) from None

    def named(self, batch: SubmittedBatch, batch_id: str) -> SubmittedBatch:
        """Note the provider's name of a batch."""
        known = replace(batch, batch_id=batch_id)
        self.write(known)
        return known

    def remove(self, batch: SubmittedBatch) -> None:
        """Forget a batch: its answers are kept."""
        self._held.pop(batch.token, None)
        if self._folder is not None:
            self.path_of(batch).unlink(missing_ok=True)

    def path_of(self, batch: SubmittedBatch) -> Path:
        """File of a note."""
        return (self._folder or Path()) / f"{batch.token}.json"
