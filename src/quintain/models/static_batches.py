"""Batches that start and end together, through transformers' generate: for networks with a cache of their own kind."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from transformers import GenerationConfig

from quintain.models.decoders import PREFILL_TOKENS, READ_PADDING, Take
from quintain.models.interrupts import Interrupts
from quintain.models.rows import Row, draw_tokens


class StaticDecoder:
    """Completes rows with a network, a batch at a time, padded at the left where the network leaves padding out.

    Args:
        network: A causal language model.
        interrupts: Ends its work when nobody waits.
        most_rows: Rows at a time.
        most_tokens: Tokens of prompts and completions of a batch, padding counted; a longer row is completed alone.
        context_tokens: Tokens of a row, padding counted.
        end_tokens: Tokens that end a completion.
        pad_token: Token that fills prompts up.
    """

    def __init__(
        self,
        network: Any,
        interrupts: Interrupts,
        most_rows: int,
        most_tokens: int,
        *,
        context_tokens: int,
        end_tokens: set[int],
        pad_token: int,
    ) -> None:
        self._network = network
        self._interrupts = interrupts
        self.most_rows = most_rows
        self.most_tokens = most_tokens
        self._context_tokens = context_tokens
        self._pad_token = pad_token
        self._reads_padding = network.config.model_type in READ_PADDING
        # Nothing that the folder brings along shapes a completion.
        network.generation_config = GenerationConfig(
            do_sample=False,  # draws are ours, see _Draws
            eos_token_id=sorted(end_tokens) or None,
            pad_token_id=pad_token,
        )

    def decode(self, take: Take) -> Iterator[int]:
        """Complete all rows that there are; rows say themselves when they end.

        Args:
            take: Asked for the next row whenever there is room.

        Yields:
            Tokens that a batch wrote.

        Raises:
            ModelError: All work was halted.
        """
        row = take()
        while row is not None:
            batch, prompt, limit = [row], len(row.prompt), row.limit
            while (row := take()) is not None:
                prompt, limit = max(prompt, len(row.prompt)), max(limit, row.limit)
                most = min(self.most_rows, self.most_tokens // (prompt + limit))
                if len(batch) >= most or prompt + limit > self._context_tokens:
                    break
                if self._reads_padding and len(row.prompt) != len(batch[0].prompt):
                    break
                batch.append(row)
            self._complete(batch)
            yield sum(len(each.ids) for each in batch)

    def _complete(self, rows: Sequence[Row]) -> None:
        width = max(len(row.prompt) for row in rows)
        pads = [width - len(row.prompt) for row in rows]
        device = self._network.device
        ids = torch.tensor(
            [[self._pad_token] * pad + row.prompt for pad, row in zip(pads, rows, strict=True)], device=device
        )
        mask = torch.tensor([[0] * pad + [1] * (width - pad) for pad in pads], device=device)
        chunk = max(1, PREFILL_TOKENS // len(rows))

        def complete() -> Any:
            with torch.inference_mode():
                return self._network.generate(
                    input_ids=ids,
                    attention_mask=mask,
                    logits_processor=[_Draws(rows)],
                    stopping_criteria=[_Ends(rows)],
                    max_new_tokens=max(row.limit for row in rows),
                    **({"prefill_chunk_size": chunk} if chunk < width else {}),
                )

        self._interrupts.watch(rows, complete)
        for row in rows:
            row.give_up()


class _Draws:
    """Turns greedy search into draws: all logits but those of the drawn token become −inf; greedy rows stay."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._draws = [row.draw for row in rows]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        tokens = torch.tensor(draw_tokens(scores, self._draws), device=scores.device)[:, None]
        return torch.full_like(scores, float("-inf")).scatter(-1, tokens, 0.0)


class _Ends:
    """Tells generate() which rows have ended."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **_: object) -> torch.Tensor:
        for row, token in zip(self._rows, input_ids[:, -1].tolist(), strict=True):
            if row.finish_reason is None:
                row.take(token)
        return torch.tensor([row.finish_reason is not None for row in self._rows], device=input_ids.device)
