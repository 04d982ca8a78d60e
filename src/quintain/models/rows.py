"""A row of a batch: how it is drawn and when it ends, whatever its neighbours do."""

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


class Draw:
    """Draws of the tokens of one row: from a random state of its own, so that neighbours change nothing.

    Args:
        sampling: Temperature and share of the mass.
        seed: Seed of the row.
    """

    def __init__(self, sampling: Sampling, seed: int) -> None:
        import torch

        # Colder than this, a difference of one part in a million decides: greedy, and without numbers that overflow.
        self.greedy = sampling.temperature <= _COLDEST
        self.temperature = sampling.temperature
        # A row that takes the whole mass must lose no token to rounding; one that takes almost nothing keeps the first.
        share = max(sampling.top_p, torch.finfo(torch.float32).tiny)
        self.most = share if share < 1 else float("inf")
        self.generator = torch.Generator().manual_seed(seed)


def draw_tokens(scores: "torch.Tensor", draws: Sequence[Draw]) -> list[int]:
    """Draw the next token of each row.

    Args:
        scores: Logits, shape (B, V).
        draws: How each row is drawn.

    Returns:
        A token per row.
    """
    import torch

    tokens: list[int] = scores.argmax(dim=-1).tolist()
    drawn = [place for place, draw in enumerate(draws) if not draw.greedy]
    if not drawn:
        return tokens
    temperatures = torch.tensor([[draws[place].temperature] for place in drawn])  # (D, 1)
    most = torch.tensor([[draws[place].most] for place in drawn])  # (D, 1)
    shares = torch.softmax(scores[drawn].float().cpu() / temperatures, dim=-1)  # (D, V)
    if most.isfinite().any():
        ordered, index = shares.sort(dim=-1, descending=True)
        # A token stays as long as the mass before it is below top_p, so the first always stays.
        ordered[ordered.cumsum(-1) - ordered >= most] = 0
        shares = torch.zeros_like(shares).scatter(-1, index, ordered)
    for place, row in zip(drawn, shares, strict=True):
        tokens[place] = int(torch.multinomial(row, 1, generator=draws[place].generator))
    return tokens


class Row:
    """One completion as it grows.

    Args:
        call: What was asked.
        prompt: Tokens of the prompt.
        limit: Most tokens to write.
        end_tokens: Tokens that end it.
        decode: Text of tokens, without special ones.
        draw: How its tokens are drawn.
        ended: Called with the row when it has ended.
    """

    def __init__(
        self,
        call: Call,
        prompt: list[int],
        limit: int,
        end_tokens: set[int],
        decode: Callable[[list[int]], str],
        draw: Draw,
        ended: Callable[["Row"], None] = lambda _: None,
    ) -> None:
        self.prompt = prompt
        self.limit = limit
        self.draw = draw
        self.ids: list[int] = []
        self.finish_reason: FinishReason | None = None
        self._call = call
        self._end_tokens = end_tokens
        self._decode = decode
        self._ended = ended
        self._text = ""
        self._heard = 0
        self._settled, self._read = 0, 0
        self._follows_text = call.listener is not None or bool(call.stop)

    @property
    def most_tokens(self) -> int:
        """Tokens of the prompt and of the longest completion."""
        return len(self.prompt) + self.limit

    def take(self, token: int) -> bool:
        """Take the next token; True when it was the last one, and `finish_reason` is known."""
        self.ids.append(token)
        listener = self._call.listener
        if token in self._end_tokens:
            return self._end("stop")
        searched = len(self._text)
        if self._follows_text:
            self._grow()
        if before_stop(self._text, self._call.stop, searched) is not None:
            return self._end("stop")
        if len(self.ids) == self.limit or (listener is not None and listener.gone):
            return self._end("length")
        if listener is not None:
            self._tell(self._text[: len(self._text) - held_back(self._text, self._call.stop)])
        return False

    def give_up(self) -> None:
        """End it where it is, if it has not ended."""
        if self.finish_reason is None:
            self._end("length")

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

    def _end(self, reason: FinishReason) -> bool:
        self.finish_reason = reason
        self._ended(self)
        return True

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
