"""Likelihoods of given responses, counted as lm-evaluation-harness counts them."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from jinja2 import TemplateError

from quintain.errors import ModelError
from quintain.models.chat_tokens import ChatEncoder
from quintain.models.forced import row_batches
from quintain.models.language_model import Likelihood
from quintain.records import Request


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
    for number, (request, response) in enumerate(zip(requests, responses, strict=True)):
        try:
            prompt, tokens = encode_behind(encoder, request, response)
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


def encode_behind(encoder: ChatEncoder, request: Request, response: str) -> tuple[list[int], list[int]]:
    """Tokens of a prompt, and those of a response behind it.

    White space at the end of the rendered prompt, such as the line break behind `assistant`, is counted to the
    response: there it may melt into one token with the response's beginning, as it does when a model writes.

    Args:
        encoder: Encodes the model's chats.
        request: What is asked.
        response: A response to it.

    Returns:
        The tokens of both.

    Source: lm-evaluation-harness, `TemplateLM._encode_pair`.
    """
    turns = [{"role": message.role, "content": message.content} for message in request.messages]
    chat = encoder.encoded(turns, add_generation_prompt=True)
    end = max([len(chat.text.rstrip()), *(mark.end for mark in chat.marks)])
    prompt = encoder.ids(chat.text[:end], chat.marks)
    return prompt, encoder.ids(chat.text + response, chat.marks)[len(prompt) :]


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
    found: dict[int, Likelihood] = {}
    lengths = [len(prompt) + len(tokens) for prompt, tokens in pairs]
    for batch in row_batches(lengths, most_rows):
        width = max(lengths[i] for i in batch)
        # Padded at the end, where a causal model does not look: positions count from the first token.
        rows = [[*pairs[i][0], *pairs[i][1], *[pad_token] * (width - lengths[i])] for i in batch]
        with torch.inference_mode():
            logits = network(input_ids=torch.tensor(rows, device=network.device)).logits  # (B, T, V)
            for i, row in zip(batch, logits, strict=True):
                prompt, tokens = pairs[i]
                wanted = torch.tensor(tokens, device=row.device)
                places = row[len(prompt) - 1 : len(prompt) - 1 + len(tokens)].float()  # (N, V)
                logps = torch.log_softmax(places, dim=-1).gather(1, wanted[:, None])
                found[i] = Likelihood(float(logps.sum()), bool((places.argmax(-1) == wanted).all()))
    return [found[i] for i in range(len(pairs))]


def _fault(why: str) -> Likelihood:
    return Likelihood(math.nan, greedy=False, fault=why)
