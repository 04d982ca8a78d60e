"""The rows of a batch: how each is drawn and when it ends, whatever its neighbours do."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from quintain.models.calls import Call, before_stop, held_back
from quintain.models.language_model import Sampling
from quintain.records import FinishReason

if TYPE_CHECKING:
    import torch

_UNFINISHED = "\ufffd"
"""What a tokenizer writes for the first bytes of a character."""


_COLDEST = 1e-6
"""Temperatures up to this one are greedy."""


class SeededDraw:
    """Turns greedy search into draws: all logits but those of the drawn token become −inf; greedy rows stay.

    generate() has one random state for a batch; here each row has its own, so a draw does not depend on its neighbours.

    Args:
        samplings: How each row is drawn.
        seeds: Seed of each row.
    """

    def __init__(self, samplings: Sequence[Sampling], seeds: Sequence[int]) -> None:
        import torch

        # Colder than this, a difference of one part in a million decides: greedy, and without numbers that overflow.
        self._drawn = [row for row, sampling in enumerate(samplings) if sampling.temperature > _COLDEST]
        self._generators = [torch.Generator().manual_seed(seeds[row]) for row in self._drawn]
        self._temperature = torch.tensor([[samplings[row].temperature] for row in self._drawn])  # (D, 1)
        # A row that takes the whole mass must lose no token to rounding; one that takes almost nothing keeps the first.
        least = torch.finfo(torch.float32).tiny
        shares = [p if (p := max(samplings[row].top_p, least)) < 1 else float("inf") for row in self._drawn]
        self._most = torch.tensor([[share] for share in shares])

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        """Draw the next token of each row.

        Args:
            input_ids: What was read and written, shape (B, T).
            scores: Logits, shape (B, V).

        Returns:
            Logits whose argmax is the drawn token, shape (B, V).
        """
        import torch

        if not self._drawn:
            return scores
        shares = torch.softmax(scores[self._drawn].float().cpu() / self._temperature, dim=-1)  # (D, V)
        if self._most.isfinite().any():
            ordered, index = shares.sort(dim=-1, descending=True)
            # A token stays as long as the mass before it is below top_p, so the first always stays.
            ordered[ordered.cumsum(-1) - ordered >= self._most] = 0
            shares = torch.zeros_like(shares).scatter(-1, index, ordered)
        drawn = torch.stack(
            [torch.multinomial(row, 1, generator=g) for row, g in zip(shares, self._generators, strict=True)]
        )
        chosen = torch.full_like(scores[self._drawn], float("-inf")).scatter(-1, drawn.to(scores.device), 0.0)
        return scores.index_copy(0, torch.tensor(self._drawn, device=scores.device), chosen)


class Row:
    """One completion as it grows.

    Args:
        call: What was asked.
        limit: Most tokens to write.
        end_tokens: Tokens that end it.
        decode: Text of tokens, without special ones.
    """

    def __init__(self, call: Call, limit: int, end_tokens: set[int], decode: Callable[[list[int]], str]) -> None:
        self.ids: list[int] = []
        self.finish_reason: FinishReason | None = None
        self._call = call
        self._limit = limit
        self._end_tokens = end_tokens
        self._decode = decode
        self._text = ""
        self._heard = 0
        self._settled, self._read = 0, 0
        self._follows_text = call.listener is not None or bool(call.stop)

    def take(self, token: int) -> bool:
        """Take the next token; True when it was the last one, and `finish_reason` is known."""
        self.ids.append(token)
        listener = self._call.listener
        if token in self._end_tokens:
            self.finish_reason = "stop"
            return True
        searched = len(self._text)
        if self._follows_text:
            self._grow()
        if before_stop(self._text, self._call.stop, searched) is not None:
            self.finish_reason = "stop"
        elif len(self.ids) == self._limit or (listener is not None and listener.gone):
            self.finish_reason = "length"
        elif listener is not None:
            self._tell(self._text[: len(self._text) - held_back(self._text, self._call.stop)])
        return self.finish_reason is not None

    @property
    def unheard(self) -> bool:
        """True when it has ended, or nobody listens any more."""
        listener = self._call.listener
        return self.finish_reason is not None or (listener is not None and listener.gone)

    def text(self) -> str:
        """The whole completion, without the stop that ended it; the listener hears what it has not heard yet."""
        # An end token need not be a special one, and then it would be read as text.
        ended = bool(self.ids) and self.ids[-1] in self._end_tokens
        whole = self._decode(self.ids[:-1] if ended else self.ids)
        shortened = before_stop(whole, self._call.stop)
        text = whole if shortened is None else shortened
        self._tell(text)
        return text

    def _grow(self) -> None:
        # Tokens are decoded together with the one before, for a space may hang on their neighbour; a character whose
        # bytes are not all there yet waits.
        before = self._decode(self.ids[self._settled : self._read])
        now = self._decode(self.ids[self._settled :])
        if len(now) > len(before) and not now.endswith(_UNFINISHED):
            self._text += now[len(before) :]
            self._settled, self._read = self._read, len(self.ids)

    def _tell(self, text: str) -> None:
        if self._call.listener is not None and len(text) > self._heard:
            self._call.listener.hear(text[self._heard :])
            self._heard = len(text)


class RowEnds:
    """Tells generate() which rows have ended.

    Args:
        rows: The rows of the batch, in order.
        ended: Called with the place of each row when it ends.
    """

    def __init__(self, rows: Sequence[Row], ended: Callable[[int], None]) -> None:
        self._rows = rows
        self._ended = ended

    @property
    def unheard(self) -> bool:
        """True when nobody waits for any row."""
        return all(row.unheard for row in self._rows)

    def give_up(self) -> None:
        """End all rows where they are."""
        for place, row in enumerate(self._rows):
            if row.finish_reason is None:
                row.finish_reason = "length"
                self._ended(place)

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor", **_: object) -> "torch.Tensor":
        """Take the newest token of each row that goes on.

        Args:
            input_ids: What was read and written, shape (B, T).
            scores: Logits, shape (B, V).

        Returns:
            True for rows that have ended, shape (B).
        """
        import torch

        for place, (row, token) in enumerate(zip(self._rows, input_ids[:, -1].tolist(), strict=True)):
            if row.finish_reason is None and row.take(token):
                self._ended(place)
        return torch.tensor([row.finish_reason is not None for row in self._rows], device=input_ids.device)
