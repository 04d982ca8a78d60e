"""Preference pairs that somebody else made: a local file, or a data set of the hub at a pinned revision."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from kedro.io import AbstractDataset

from quintain.errors import ConfigError, RecordError
from quintain.records import Message, Origin, PreferencePair
from quintain.text.json_lines import UnreadableLineError, decode_line, lines

_SIDES = ("prompt", "chosen", "rejected")


class PreferencePairsDataset(AbstractDataset[list[PreferencePair], list[PreferencePair]]):
    """Pairs from JSON lines, Parquet, or the hub; read only.

    A response, and a prompt, may be text or a chat in the form of `messages`, whose last turn is the assistant's (for a
    prompt: the user's); the turns before it are kept as the pair's context. Without a column for the prompt, the chat
    of the chosen response brings its own.

    Example:
        ```yaml
        synthesis_preferences:
          type: quintain.datasets.PreferencePairsDataset
          filepath: data/01_raw/pairs.jsonl
          columns: {prompt: question, chosen: good, rejected: bad}
          ignored: [score]
        synthesis_preferences:
          type: quintain.datasets.PreferencePairsDataset
          hub: {path: HuggingFaceH4/ultrafeedback_binarized, split: train_prefs, revision: 3949bf5}
          ignored: [prompt_id, messages, score_chosen, score_rejected]
        ```

    Args:
        filepath: A `.jsonl` or `.parquet` file.
        hub: Arguments of `datasets.load_dataset` instead of a file; `path` may be a local folder.
        columns: Our name → name of the column; the names are ours by default.
        ignored: Columns that may be there and are not read; any other is an error.
        metadata: Read by Kedro-Viz and dvc-sync, not by the dataset.

    Raises:
        ConfigError: Neither or both of `filepath` and `hub` are given, the file has another ending, a column of ours
            does not exist, or the revision on the hub is not pinned.
    """

    def __init__(
        self,
        *,
        filepath: str | None = None,
        hub: dict[str, Any] | None = None,
        columns: dict[str, str] | None = None,
        ignored: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        if (filepath is None) == (hub is None):
            raise ConfigError("preference pairs come from either `filepath` or `hub`; give one of them")
        if filepath is not None and Path(filepath).suffix not in (".jsonl", ".parquet"):
            raise ConfigError(f"{filepath}: pairs are read from .jsonl or .parquet")
        if unknown := set(columns or {}) - set(_SIDES):
            raise ConfigError(f"columns knows {', '.join(_SIDES)}, not {', '.join(sorted(unknown))}")
        if hub and not Path(str(hub.get("path", ""))).is_dir() and "revision" not in hub:
            raise ConfigError(f"hub.path {hub.get('path')!r} needs `revision`, or the pairs would change by themselves")
        self._filepath = Path(filepath) if filepath else None
        self._hub = hub or {}
        self._columns = {side: side for side in _SIDES} | (columns or {})
        self._ignored = frozenset(ignored or ())
        self.metadata = metadata

    def load(self) -> list[PreferencePair]:
        """Read all pairs.

        Returns:
            The pairs, in the order of the source.

        Raises:
            RecordError: The source is missing or damaged, has unknown columns, or a row is no pair.
        """
        return [self._pair(number, row) for number, row in enumerate(self._rows(), start=1)]

    @property
    def _source(self) -> str:
        return str(self._filepath) if self._filepath else f"{self._hub['path']} of the hub"

    def _rows(self) -> Iterable[Mapping[str, Any]]:
        if self._filepath is None:
            from datasets import load_dataset

            return load_dataset(**self._hub)
        if not self._filepath.is_file():
            raise RecordError(f"{self._filepath} does not exist; put the pairs there, or name another file")
        return _json_lines(self._filepath) if self._filepath.suffix == ".jsonl" else _parquet(self._filepath)

    def _pair(self, number: int, row: Mapping[str, Any]) -> PreferencePair:
        where = f"{self._source}, row {number}"
        if unknown := row.keys() - set(self._columns.values()) - self._ignored:
            raise RecordError(
                f"{where} has unknown columns: {', '.join(sorted(unknown))}; map them under `columns` or "
                "name them under `ignored`"
            )
        texts = {side: _text(where, name, row.get(name), side) for side, name in self._columns.items()}
        asked = row.get(self._columns["prompt"]) or _before(row.get(self._columns["chosen"]), "")
        texts["prompt"] = texts["prompt"] or _text(where, "the chat before the response", asked, "prompt")
        if isinstance(asked, str):
            asked = _before(row.get(self._columns["chosen"]), asked)
        context = _turns(where, asked[:-1]) if isinstance(asked, list) else ()
        if missing := [self._columns[side] for side, text in texts.items() if not text]:
            raise RecordError(f"{where} has no {', no '.join(missing)}; correct the row or the names under `columns`")
        origin = Origin(knobs={"source": self._source, "row": str(number)})
        return PreferencePair(
            prompt=texts["prompt"], chosen=texts["chosen"], rejected=texts["rejected"], context=context, origin=origin
        )

    def save(self, data: list[PreferencePair]) -> None:
        """Refuse: these pairs are somebody else's.

        Args:
            data: Ignored.

        Raises:
            RecordError: Always.
        """
        raise RecordError(f"{self._source} is only read; save pairs with quintain.datasets.RecordsDataset")

    def _exists(self) -> bool:
        return self._filepath is None or self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"source": self._filepath or self._hub}


def _json_lines(path: Path) -> Iterator[Mapping[str, Any]]:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    with path.open("rb") as file:
        for number, line in lines(file):
            try:
                yield decode_line(line, decode)
            except UnreadableLineError as error:
                raise RecordError(f"{path}, line {number}: not an object of JSON: {error}; correct the line") from None


def _parquet(path: Path) -> Iterable[Mapping[str, Any]]:
    import pyarrow
    import pyarrow.parquet

    try:
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path} is no whole Parquet file ({error}); fetch it again") from None
    return rows


def _text(where: str, column: str, value: Any, side: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    speaker = "user" if side == "prompt" else "assistant"
    if isinstance(value, list) and value and isinstance(value[-1], dict) and value[-1].get("role") == speaker:
        return str(value[-1].get("content") or "")
    raise RecordError(f"{where}: {column} is neither text nor a chat that ends with the {speaker}; correct the row")


def _before(chat: Any, prompt: str) -> list[Any] | None:
    """The turns before the response in a chat that ends with it; where a prompt is given, they must end with that."""
    if not isinstance(chat, list) or len(chat) < 2:
        return None
    last = chat[-2]
    fits = not prompt or (isinstance(last, dict) and last.get("content") == prompt)
    return chat[:-1] if fits else None


def _turns(where: str, chat: list[Any]) -> tuple[Message, ...]:
    try:
        return tuple(
            msgspec.convert({"role": turn.get("role"), "content": turn.get("content") or ""}, Message) for turn in chat
        )
    except (msgspec.ValidationError, AttributeError) as error:
        raise RecordError(f"{where}: a turn before the prompt is none of a chat ({error}); correct the row") from None
