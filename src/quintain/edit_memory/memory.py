"""The edit memory: edits go in one by one, a question finds those that answer it, nothing acknowledged is lost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from quintain.edit_memory.additions import Additions, warn_of_override
from quintain.edit_memory.candidates import Retrieval
from quintain.edit_memory.followed_folder import FollowedFolder
from quintain.edit_memory.log import Event
from quintain.edit_memory.moments import Moment, seconds
from quintain.errors import EditError
from quintain.methods.lte.edits import Edit, fault_of
from quintain.methods.lte.embedding import Embedder
from quintain.methods.lte.findings import Conflict, Hit, Kept, Verification
from quintain.methods.lte.gate import SlotGate


class EditMemory(FollowedFolder):
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
            if not folder.is_dir():
                folder.mkdir(parents=True)
            return cls(folder, embed, retrieval, gate or SlotGate())
        except OSError as error:
            raise EditError(f"{folder} cannot hold an edit memory: {error.strerror}; name another folder") from error

    @property
    def folder(self) -> Path:
        """Folder of the memory."""
        return self._folder

    @property
    def fault(self) -> str:
        """Reason for which the memory can be neither read nor written, as `verify` says; empty for a sound one."""
        return self._store.fault

    @property
    def head(self) -> str:
        """Hash over every act so far, in hexadecimal: two memories with one head hold the same edits.

        Raises:
            EditError: The log cannot be trusted.
        """
        if self._store.fault:
            raise EditError(self._store.fault)
        return self._store.log.head().hex()

    def close(self) -> None:
        """Close the files, as the end of the program does too; what was added stays."""
        self._store.close()

    def __enter__(self) -> "EditMemory":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        """Edits in force, those that a newer one of their slot overrides included."""
        with self._reading():
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
        """Activate edits atomically: all of them or none.

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
        since = None if at is None else seconds(at, "at")
        wanted = list(ids) if ids is not None else [""] * len(edits)
        if len(wanted) != len(edits):
            raise EditError(f"{len(wanted)} ids for {len(edits)} edits; give one each")
        for number, edit in enumerate(edits):
            if fault := fault_of(edit):
                raise EditError(f"edit {number} ({str(edit.subject)[:80]!r}): {fault}; nothing was added")
        with self._turn:
            self._keep_up()
            embedded = self._store.embedded(edits)
        with self._writing():
            additions = Additions(self._store, zip(edits, wanted, strict=True))
            act = Event(act="add", id="", at=0, author=author, source=source, edit_set=edit_set)
            events = [replace(act, id=one, edit=edit) for one, edit in additions.new.items()]
            self._store.commit(events, embedded, since)
        return additions.ids

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
        embedded = self._store.embedded([edit])
        with self._writing():
            self._require_in_force([id])
            warn_of_override(id, edit, self._store.standing(edit))
            edit_set = self._store.event(self._versions.current[id]).edit_set
            event = Event(act="revise", id=id, at=0, edit=edit, author=author, source=source, edit_set=edit_set)
            self._store.commit([event], embedded)

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
            self._store.commit([Event(act="revoke", id=one, at=0, author=author, source=source) for one in wanted], {})

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
        moment = None if as_of is None else seconds(as_of)
        with self._reading():
            return self._search.hits(text, k, moment)

    def kept(self, *, edit_set: str | None = None) -> Iterator[Kept]:
        """Edits in force with where they come from, oldest first.

        Args:
            edit_set: Only those of one set.

        Yields:
            Kept: One edit in force.
        """
        with self._reading():
            serials = [self._versions.serials[version] for version in sorted(self._versions.current.values())]
        for serial in serials:
            event = self._store.log.event(serial)
            if event.edit and edit_set in (None, event.edit_set):
                yield Kept(event.id, event.edit, event.at, event.author, event.source, event.edit_set)

    def conflicts(self) -> list[Conflict]:
        """Slots that edits in force set to different targets; the newest is used."""
        found = []
        with self._reading():
            for versions in self._versions.contested():
                edits = [self._store.edit(version) for version in versions]
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
            for _ in self._store.log.all():  # each is checked against its hash
                pass
            for index in (self._store.questions, self._store.facts):
                index.check()
            keys = len(self._store.questions.rows) + len(self._store.facts.rows)
            repairs = (*self._store.questions.repairs, *self._store.facts.repairs)
            return Verification(len(self._versions.current), self._store.serial, keys, repairs, tuple(self.conflicts()))

    def build_approximate(self) -> bool:
        """Build the index for more than 200,000 keys (extra `quintain[faiss]`), kept beside the log for later openings.

        Without it every search reads all vectors, which is exact and the quicker way for fewer.

        Returns:
            Whether there were enough keys.
        """
        with self._writing():
            return not self._store.read_only and self._approximate.build()

    def _require_in_force(self, ids: Sequence[str]) -> None:
        if unknown := [one for one in ids if one not in self._versions.current]:
            raise EditError(
                f"no edit in force has the id {', '.join(map(repr, unknown[:3]))}"
                f"{f' and {len(unknown) - 3} more' if len(unknown) > 3 else ''}; `quintain edit list` shows those that "
                "are; nothing was changed"
            )
