"""Likelihoods of given responses, counted as lm-evaluation-harness counts them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jinja2 import TemplateError

from quintain.errors import ModelError
from quintain.models.chat_tokens import ChatEncoder, EncodedChat
from quintain.models.forced import row_batches
from quintain.models.language_model import Likelihood
from quintain.progress import Progress
from quintain.records import Message, Request


def score_responses(
    network: Any,
    encoder: ChatEncoder,
    requests: Sequence[Request],
    responses: Sequence[str],
    *,
    context_tokens: int,
    pad_token: int,
    most_rows: int,
) -> list[Likelihood]:
    """Tell how likely each response is behind its rendered prompt.

    Args:
        network: A causal language model.
        encoder: Encodes its chats.
        requests: What is asked.
        responses: A response to each.
        context_tokens: Most tokens of a prompt with its response.
        pad_token: Token that fills rows up.
        most_rows: Rows at a time.

    Returns:
        A likelihood per response; one with a fault where a response is empty, a chat cannot be rendered, or the two are
        longer than the context.
    """
    found: dict[int, Likelihood] = {}
    pairs: dict[int, tuple[list[int], list[int]]] = {}
    prompts: dict[tuple[Message, ...], Prompt] = {}  # the choices of a question stand behind one prompt
    for number, (request, response) in enumerate(zip(requests, responses, strict=True)):
        try:
            if request.messages not in prompts:
                prompts[request.messages] = Prompt.of(encoder, request)
            prompt, tokens = prompts[request.messages].ids, prompts[request.messages].followed_by(encoder, response)
        except (TemplateError, ModelError) as error:
            found[number] = _fault(f"the chat template does not take this chat: {error}")
            continue
        length = len(prompt) + len(tokens)
        if not tokens:
            found[number] = _fault("the response is empty")
        elif length > context_tokens:
            found[number] = _fault(f"prompt and response have {length} tokens, the context {context_tokens}")
        else:
            pairs[number] = prompt, tokens
    scored = log_likelihoods(network, list(pairs.values()), pad_token, most_rows)
    found |= dict(zip(pairs, scored, strict=True))
    return [found[number] for number in range(len(requests))]


@dataclass(frozen=True)
class Prompt:
    """A rendered prompt, behind which responses are put."""

    chat: EncodedChat
    """What the template rendered."""
    ids: list[int]
    """Its tokens but for white space at its end."""

    @classmethod
    def of(cls, encoder: ChatEncoder, request: Request) -> "Prompt":
        """Render what is asked."""
        turns = [{"role": message.role, "content": message.content} for message in request.messages]
        chat = encoder.encoded(turns, add_generation_prompt=True)
        end = max([len(chat.text.rstrip()), *(mark.end for mark in chat.marks)])
        return cls(chat, encoder.ids(chat.text[:end], chat.marks))

    def followed_by(self, encoder: ChatEncoder, response: str) -> list[int]:
        """Tokens of a response behind it.

        White space at the end of the rendered prompt, such as the line break behind `assistant`, is counted to the
        response: there it may melt into one token with the response's beginning, as it does when a model writes.

        Source: lm-evaluation-harness, `TemplateLM._encode_pair`.
        """
        return encoder.ids(self.chat.text + response, self.chat.marks)[len(self.ids) :] if response else []


def log_likelihoods(
    network: Any, pairs: Sequence[tuple[list[int], list[int]]], pad_token: int, most_rows: int
) -> list[Likelihood]:
    """Tell how likely each continuation is behind its prompt.

    Args:
        network: A causal language model.
        pairs: Tokens of a prompt and of what follows it, one of each at least.
        pad_token: Token that fills rows up.
        most_rows: Rows at a time.

    Returns:
        A likelihood per pair.
    """
    # Nothing is predicted behind the last token, so it is not read: choices of one token share one row.
    readers: dict[tuple[int, ...], list[int]] = {}
    for number, (prompt, tokens) in enumerate(pairs):
        readers.setdefault((*prompt, *tokens[:-1]), []).append(number)
    rows = list(readers)
    found: dict[int, Likelihood] = {}
    with torch.inference_mode(), Progress("likelihoods, rows", len(rows), "tokens") as progress:
        for batch in row_batches([len(row) for row in rows], most_rows):
            width = max(len(rows[i]) for i in batch)
            # Padded at the end, where a causal model does not look: positions count from the first token.
            padded = [[*rows[i], *[pad_token] * (width - len(rows[i]))] for i in batch]
            logits = network(input_ids=torch.tensor(padded, device=network.device)).logits  # (B, T, V)
            for i, row in zip(batch, logits, strict=True):
                for number in readers[rows[i]]:
                    prompt, tokens = pairs[number]
                    found[number] = _likelihood(row, len(prompt), tokens)
            progress.advance(len(batch), sum(len(rows[i]) for i in batch))
    return [found[number] for number in range(len(pairs))]


def _likelihood(logits: torch.Tensor, n_prompt: int, tokens: list[int]) -> Likelihood:
    """Read a continuation's likelihood off the logits of its row, (T, V)."""
    wanted = torch.tensor(tokens, device=logits.device)
    places = logits[n_prompt - 1 : n_prompt - 1 + len(tokens)].float()  # (N, V)
    nats = torch.log_softmax(places, dim=-1).gather(1, wanted[:, None]).sum()
    return Likelihood(float(nats), bool((places.argmax(-1) == wanted).all()))


def _fault(why: str) -> Likelihood:
    return Likelihood(math.nan, greedy=False, fault=why)
