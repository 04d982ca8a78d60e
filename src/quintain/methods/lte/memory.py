"""The edit memory: edits go in one by one, a question finds those that answer it, nothing acknowledged is lost."""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from quintain.errors import EditError
from quintain.methods.lte.approximate import ApproximateIndex
from quintain.methods.lte.candidates import Candidates, Retrieval
from quintain.methods.lte.edits import Edit, Words, fault_of, question_keys, slot_of, word_forms
from quintain.methods.lte.embedding import Embedder
from quintain.methods.lte.findings import Conflict, Hit, Kept, Verification
from quintain.methods.lte.gate import SlotGate, SlotWords, match_slot
from quintain.methods.lte.key_index import KeyIndex
from quintain.methods.lte.log import EditLog, Event
from quintain.methods.lte.versions import Versions
from quintain.records import content_id

logger = logging.getLogger(__name__)

Moment = float | datetime | str

_LOCK_SECONDS = 60
_NAMED = 0.5
# about 60 MB of edits; further ones are read from the log when they are found
_EDITS_AT_HAND = 100_000


class EditMemory:
    """Edits on disk with search; made by `EditMemory.open`.

    >>> import tempfile
    >>> from quintain.methods.lte import Edit, EditMemory, HashedNgrams
    >>> folder = tempfile.TemporaryDirectory()
    >>> memory = EditMemory.open(folder.name, HashedNgrams())
    >>> edit = Edit(subject="Veldmark", relation="mayor", prompt="The mayor of Veldmark is", target_new="Ada Brook")
    >>> ids = memory.add([edit])
    >>> [hit.edit.target_new for hit in memory.search("Who is mayor of Veldmark?") if hit.passed]
    ['Ada Brook']
    >>> [hit.edit.target_new for hit in memory.search("Which river flows through Veldmark?") if hit.passed]
    []
    >>> memory.revoke(ids)
    >>> memory.search("Who is mayor of Veldmark?")
    []
    >>> memory.close(); folder.cleanup()
    """

    def __init__(self, folder: Path, embed: Embedder, retrieval: Retrieval, gate: SlotGate) -> None:
        self._folder = folder
        self._gate = gate
        self._threads = threading.RLock()
        self._processes = FileLock(folder / "lock", timeout=_LOCK_SECONDS)
        self._serial = 0
        self._last_at = 0.0
        self._versions = Versions()
        self._at_hand: dict[int, Event] = {}
        with self._exclusively():
            self._log = EditLog(folder / "log.sqlite")
            memory_id = self._log.memory_id
            self._questions = KeyIndex(folder / "questions.f32", memory_id, embed, self._all_question_keys)
            self._facts = KeyIndex(folder / "facts.f32", memory_id, embed, self._all_facts)
            self._candidates = Candidates(self._versions, self._questions, self._facts, retrieval)
            self._follow()
        self._approximate = self._candidates.approximate = ApproximateIndex(folder, self._questions)

    @classmethod
    def open(
        cls,
        folder: str | Path,
        embed: Embedder,
        *,
        retrieval: Retrieval = "dense",
        gate: SlotGate | None = None,
    ) -> "EditMemory":
        """Open the memory in a folder, or start one there.

        The log `log.sqlite` is the truth. The vectors beside it are derived: they are checked against it, and made
        again, with a warning, where they do not match.

        Args:
            folder: The folder; made when it is missing.
            embed: Texts to float32 vectors of length 1, shape (n, d); always the same one for a folder.
            retrieval: What finds edits: likeness of vectors (`dense`), BM25 (`lexical`), or both by rank (`fused`).
            gate: Thresholds of the slot gate; the calibrated ones by default.

        Returns:
            The memory; other processes may have it open at the same time.

        Raises:
            EditError: The log cannot be used, or the vectors were made by another embedder.
        """
        if retrieval not in ("dense", "lexical", "fused"):
            raise EditError(f"retrieval must be dense, lexical or fused, got {retrieval!r}")
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return cls(folder, embed, retrieval, gate or SlotGate())
        except OSError as error:
            raise EditError(f"{folder} cannot hold an edit memory: {error.strerror}; name another folder") from error

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._folder

    @property
    def head(self) -> str:
        """Hash over every act so far, in hexadecimal: two memories with one head hold the same edits."""
        return self._log.head().hex()

    def went_on_from(self, head: str) -> bool:
        """Whether the memory once stood at a head and has only grown since."""
        return self._log.had_head(bytes.fromhex(head))

    def close(self) -> None:
        """Close the files, as the end of the program does too; what was added stays."""
        for part in (self._questions, self._facts, self._log):
            part.close()

    def __enter__(self) -> "EditMemory":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        """Edits in force, those that a newer one of their slot overrides included."""
        with self._up_to_date():
            return len(self._versions.current)

    # --- what changes it ----------------------------------------------------------------------------------------------

    def add(
        self,
        edits: Sequence[Edit],
        *,
        author: str = "",
        source: str = "",
        edit_set: str = "",
        at: Moment | None = None,
        ids: Sequence[str] | None = None,
    ) -> list[str]:
        """Put edits in force, all of them or none.

        An edit that is what its slot says already keeps its id and is not added twice. One that contradicts an older
        edit of its slot overrides it, and a warning says so.

        Args:
            edits: The edits.
            author: Who sets them.
            source: Where the facts stand.
            edit_set: Name of the set they belong to.
            at: Since when they are in force, which is not before the last act (seconds since 1970, datetime or ISO
                text); now by default.
            ids: Ids to give them, as an import does; an empty one is made from the content.

        Returns:
            One id per edit. What was returned survives a kill of the process.

        Raises:
            EditError: An edit has no subject, prompt or target, changes nothing, or its id is taken; or `at` is no
                time, or lies before the last act.
        """
        edits = list(edits)
        since = None if at is None else _seconds(at, "at")
        wanted = list(ids) if ids is not None else [""] * len(edits)
        if len(wanted) != len(edits):
            raise EditError(f"{len(wanted)} ids for {len(edits)} edits; give one each")
        for number, edit in enumerate(edits):
            if fault := fault_of(edit):
                raise EditError(f"edit {number} ({str(edit.subject)[:80]!r}): {fault}; nothing was added")
        embedded = self._embedded(edits)
        with self._writing():
            added: dict[str, Edit] = {}
            standing: dict[object, tuple[str, Edit]] = {}
            given: list[str] = []
            for number, (edit, wish) in enumerate(zip(edits, wanted, strict=True)):
                slot = slot_of(edit)
                former = standing.get(slot) or self._standing(edit)
                known = self._versions.current.get(wish)
                if known is not None and self._edit(known) == edit:
                    given.append(wish)
                    continue
                if former and former[1] == edit and not wish:
                    given.append(former[0])
                    continue
                if wish in added or wish in self._versions.current:
                    raise EditError(
                        f"edit {number} ({str(edit.subject)[:80]!r}): the id {wish!r} is taken; revise that edit, or "
                        "leave the id out; nothing was added"
                    )
                edit_id = wish or self._free_id(edit, added)
                _warn_of_override(edit_id, edit, former)
                added[edit_id] = edit
                standing[slot] = edit_id, edit
                given.append(edit_id)
            act = Event(act="add", id="", at=0, author=author, source=source, edit_set=edit_set)
            self._commit([replace(act, id=one, edit=edit) for one, edit in added.items()], embedded, since)
        return given

    def revise(self, id: str, edit: Edit, *, author: str = "", source: str = "") -> None:  # noqa: A002 - the word of the field
        """Change an edit; what it said before can still be asked for with `as_of`.

        Args:
            id: Id of an edit in force.
            edit: What it says from now on.
            author: Who changes it.
            source: Where the fact stands.

        Raises:
            EditError: There is no such edit in force, or the new one cannot be kept.
        """
        if fault := fault_of(edit):
            raise EditError(f"edit {id} ({str(edit.subject)[:80]!r}): {fault}; nothing was changed")
        embedded = self._embedded([edit])
        with self._writing():
            self._require_in_force([id])
            former = self._standing(edit)
            if former and former[0] != id:
                _warn_of_override(id, edit, former)
            edit_set = self._event(self._versions.current[id]).edit_set
            event = Event(act="revise", id=id, at=0, edit=edit, author=author, source=source, edit_set=edit_set)
            self._commit([event], embedded)

    def revoke(self, ids: Iterable[str], *, author: str = "", source: str = "") -> None:
        """Take edits out of force, all of them or none; answers are then as if they had never been there.

        Args:
            ids: Ids of edits in force; one that comes twice is revoked once.
            author: Who revokes them.
            source: Why.

        Raises:
            EditError: An id is not that of an edit in force.
        """
        wanted = list(dict.fromkeys([ids] if isinstance(ids, str) else ids))
        with self._writing():
            self._require_in_force(wanted)
            self._commit([Event(act="revoke", id=one, at=0, author=author, source=source) for one in wanted], {})

    # --- what asks it -------------------------------------------------------------------------------------------------

    def search(self, text: str, k: int = 3, as_of: Moment | None = None) -> list[Hit]:
        """Find the edits that a question may be about.

        Of several edits of one slot only the newest is found. Those that pass the gate come first, then the nearest.

        Args:
            text: The question.
            k: Most edits to return, at least 1.
            as_of: A time (seconds since 1970, datetime or ISO text) to ask what the memory said then; now by default.

        Returns:
            Hits; only those that passed should reach the model, and a question without any goes to it untouched.

        Raises:
            EditError: k is not positive, or as_of is no time.
        """
        if k < 1:
            raise EditError(f"k must be at least 1, got {k}")
        moment = None if as_of is None else _seconds(as_of)
        with self._up_to_date():
            if not self._versions.ids:
                return []
            question = word_forms(text)
            named = self._candidates.named(question, moment)
            names = {self._versions.ids[one] for one in named}
            hits: dict[int, Hit] = {}
            others = 0
            for version, score in self._candidates.ranked(text, named, k, moment).items():
                if version not in named:
                    if others == k:
                        continue
                    others += 1
                *overridden, winner = self._versions.rivals(version, moment)
                if winner not in hits:
                    hits[winner] = self._hit(winner, overridden, score, question)
            # A name in the question says as much as half of all likeness.
            return sorted(hits.values(), key=lambda hit: (not hit.passed, -hit.score - _NAMED * (hit.id in names)))[:k]

    def kept(self, *, edit_set: str | None = None) -> Iterator[Kept]:
        """Edits in force with where they come from, oldest first.

        Args:
            edit_set: Only those of one set.

        Yields:
            Kept: One edit in force.
        """
        with self._up_to_date():
            serials = [self._versions.serials[version] for version in sorted(self._versions.current.values())]
        for serial in serials:
            event = self._log.event(serial)
            if event.edit and edit_set in (None, event.edit_set):
                yield Kept(event.id, event.edit, event.at, event.author, event.source, event.edit_set)

    def conflicts(self) -> list[Conflict]:
        """Slots that edits in force set to different targets; the newest is used."""
        found = []
        with self._up_to_date():
            for versions in self._versions.contested():
                edits = [self._edit(version) for version in versions]
                targets = tuple(edit.target_new for edit in edits)
                if len(set(targets)) > 1:
                    slot = f"{edits[-1].subject} · {edits[-1].relation or edits[-1].prompt}"
                    found.append(Conflict(slot, tuple(self._versions.ids[version] for version in versions), targets))
        return found

    def verify(self) -> Verification:
        """Check the log against its chain of hashes and the index against the log; the index is made again if need be.

        Returns:
            What was found and what was repaired.

        Raises:
            EditError: The log itself was changed, which nothing here can repair, or the embedder is another one.
        """
        with self._writing():
            if (serial := self._log.first_broken()) is not None:
                raise EditError(
                    f"{self._folder / 'log.sqlite'}: act {serial} is not what was written; bring the folder back from "
                    "where it is versioned"
                )
            for index in (self._questions, self._facts):
                index.check()
            keys = len(self._questions.rows) + len(self._facts.rows)
            repairs = (*self._questions.repairs, *self._facts.repairs)
            return Verification(len(self._versions.current), self._serial, keys, repairs, tuple(self.conflicts()))

    def build_approximate(self) -> bool:
        """Build the index for more than 200,000 keys (extra `quintain[faiss]`), kept beside the log for later openings.

        Without it every search reads all vectors, which is exact and the quicker way for fewer.

        Returns:
            Whether there were enough keys.
        """
        with self._writing():
            return self._approximate.build()

    def _hit(self, version: int, overridden: list[int], score: float, question: Words) -> Hit:
        event, edit = self._event(version), self._edit(version)
        match = match_slot(question, SlotWords(edit))
        for other in overridden:  # an alias or paraphrase given with an older edit names the slot as well
            older = match_slot(question, SlotWords(self._edit(other)))
            if (older.subject, older.relation) > (match.subject, match.relation):
                match = replace(older, excludes=match.excludes)
        overrides = tuple(
            self._versions.ids[other] for other in overridden if self._edit(other).target_new != edit.target_new
        )
        return Hit(edit, score, self._gate.admits(match), event.id, match, overrides)

    # --- the log and what is made from it -----------------------------------------------------------------------------

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        try:
            with self._threads, self._processes:
                yield
        except Timeout:
            raise EditError(
                f"another process has held {self._folder / 'lock'} for {_LOCK_SECONDS} s; wait for it, or end it"
            ) from None

    @contextmanager
    def _up_to_date(self) -> Iterator[None]:
        with self._threads:
            if self._log.last_serial() > self._serial:
                with self._exclusively():
                    self._follow()
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._exclusively():
            self._follow()
            yield

    def _follow(self) -> None:
        """Take in what other processes wrote, or everything at the start; the caller holds the lock."""
        for index in (self._questions, self._facts):
            index.refresh()
        for event in self._log.since(self._serial):
            if event.edit:
                self._questions.expect(question_keys(event.edit))
                self._facts.expect([event.edit.fact])
            self._apply(event)
        for index in (self._questions, self._facts):
            index.settle()

    def _apply(self, event: Event) -> None:
        self._serial, self._last_at = event.serial, event.at
        version = self._versions.apply(event)
        if version is not None and event.edit is not None:
            if len(self._at_hand) < _EDITS_AT_HAND:
                self._at_hand[version] = event
            self._candidates.learn(version, event.edit)

    def _commit(
        self, events: list[Event], embedded: dict[str, NDArray[np.float32]], since: float | None = None
    ) -> None:
        """Write acts to the log, then their keys to the index; a kill in between is made good at the next opening."""
        if not events:
            return
        if since is not None and since < self._last_at:
            raise EditError(f"at={since} lies before the last act ({self._last_at}); nothing was changed")
        # A clock that was set back must not bring acts out of order.
        now = max(time.time(), self._last_at) if since is None else since
        for event in self._log.append([replace(event, at=now) for event in events]):
            self._apply(event)
        edits = [event.edit for event in events if event.edit]
        for index, texts in (
            (self._questions, [key for edit in edits for key in question_keys(edit)]),
            (self._facts, [edit.fact for edit in edits]),
        ):
            if texts:
                index.take(texts, np.stack([embedded[text] for text in texts]))

    def _embedded(self, edits: Sequence[Edit]) -> dict[str, NDArray[np.float32]]:
        texts = list(dict.fromkeys(text for edit in edits for text in (*question_keys(edit), edit.fact)))
        return dict(zip(texts, self._questions.embedded(texts), strict=True)) if texts else {}

    def _standing(self, edit: Edit) -> tuple[str, Edit] | None:
        version = self._versions.standing(edit)
        return None if version is None else (self._versions.ids[version], self._edit(version))

    def _free_id(self, edit: Edit, added: dict[str, Edit]) -> str:
        number = 0
        while True:
            made = content_id("edit", edit.subject, edit.relation, edit.prompt, edit.target_new, number)
            if made not in added and made not in self._versions.current:
                return made
            number += 1

    def _require_in_force(self, ids: Sequence[str]) -> None:
        if unknown := [one for one in ids if one not in self._versions.current]:
            raise EditError(
                f"no edit in force has the id {', '.join(map(repr, unknown[:3]))}"
                f"{f' and {len(unknown) - 3} more' if len(unknown) > 3 else ''}; `quintain edit list` shows those that "
                "are; nothing was changed"
            )

    def _event(self, version: int) -> Event:
        return self._at_hand.get(version) or self._log.event(self._versions.serials[version])

    def _edit(self, version: int) -> Edit:
        edit = self._event(version).edit
        assert edit is not None  # noqa: S101 - versions begin with an edit
        return edit

    def _all_question_keys(self) -> Iterator[str]:
        return (key for event in self._log.since(0) if event.edit for key in question_keys(event.edit))

    def _all_facts(self) -> Iterator[str]:
        return (event.edit.fact for event in self._log.since(0) if event.edit)


def _warn_of_override(edit_id: str, edit: Edit, former: tuple[str, Edit] | None) -> None:
    if former and former[1].target_new != edit.target_new:
        logger.warning(
            "edit %s (%s → %s) overrides %s (→ %s) of the same slot",
            edit_id, edit.prompt[:80], edit.target_new[:80], former[0], former[1].target_new[:80],
        )  # fmt: skip


def _seconds(moment: Moment, name: str = "as_of") -> float:
    try:
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        return moment.timestamp() if isinstance(moment, datetime) else float(moment)
    except (ValueError, TypeError) as error:
        raise EditError(f"{name} must be seconds since 1970, a datetime or an ISO text, got {moment!r}") from error
