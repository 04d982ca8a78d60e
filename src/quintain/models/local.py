"""A model from a folder, run in this process by transformers."""

import functools
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import TemplateError

from quintain.errors import ModelError
from quintain.models.calls import Call
from quintain.models.chat_tokens import ChatEncoder
from quintain.models.folder import folder_digest
from quintain.models.interrupts import Interrupts
from quintain.models.language_model import Sampling
from quintain.models.open_folder import device_named, end_tokens, open_model
from quintain.models.reasoning_style import reasoning_style
from quintain.models.response_listener import ResponseListener
from quintain.models.rows import Row, RowEnds, SeededDraw
from quintain.records import Completion, Message, Origin, Request, content_id

logger = logging.getLogger(__name__)

BATCH_TOKENS = 16_384
"""Tokens of prompts and completions that calls of different people may hold in memory at a time."""
PREFILL_TOKENS = 4_096
"""Tokens of their prompts that are read at a time."""


class LocalModel:
    """Completes chats with a Hugging Face folder: full weights or a LoRA adapter.

    Prompts are sorted by length and run in left-padded batches with a key-value cache; a request's draw depends on its
    own seed alone, so it comes out the same in any batch. Nothing but `sampling` shapes a completion: defaults that a
    folder brings along, such as a penalty on repetition, are not taken over.

    A completion gets at most half of the model's context, the prompt the rest; a longer prompt loses its middle, which
    is counted and noted in the completion's origin.

    Args:
        folder: Folder in Hugging Face layout; never a name on the hub.
        sampling: How tokens are drawn.
        batch_size: Prompts per batch.
        device: Torch device, such as `cpu` or `cuda`; `auto` takes a GPU where there is one.
        dtype: Number format of the weights, such as `float32`; `auto` takes them as they are stored.

    Raises:
        ModelError: The folder holds no whole model, no tokenizer, or a tokenizer without a chat template.
    """

    def __init__(
        self,
        folder: str | Path,
        sampling: Sampling,
        *,
        batch_size: int = 64,
        device: str = "auto",
        dtype: str = "auto",
    ) -> None:
        from transformers import GenerationConfig

        folder = Path(folder)
        number_format = "" if dtype == "auto" else f"+{dtype}"  # other rounding, other completions
        self.sampling = sampling
        self.name = f"local:{folder.name}@{folder_digest(folder)[:12]}{number_format}"
        self.truncated = 0
        self.tokens_per_second = 0.0
        self.batch_size = batch_size
        self._device = device_named(device)
        self._model, self._tokenizer = open_model(folder, self._device, dtype)
        self._encoder = ChatEncoder(self._tokenizer)
        self._style = reasoning_style(self._encoder.renderer, folder)
        self._decode = self._encoder.decoder(self._style.marks)
        self._interrupts = Interrupts(self._model)
        self.batch_tokens = BATCH_TOKENS
        self.context_tokens = int(
            getattr(self._model.config.get_text_config(), "max_position_embeddings", None) or 1 << 30
        )
        self._stops = end_tokens(self._model, self._tokenizer)
        self._model.generation_config = GenerationConfig(
            do_sample=False,  # draws are ours, see SeededDraw
            eos_token_id=sorted(self._stops) or None,
            pad_token_id=self._tokenizer.pad_token_id,
        )

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Complete each request, in order; logs tokens per second and how many prompts had to be cut."""
        cut_before = self.truncated
        completions = self._complete([Call(request=request, sampling=self.sampling) for request in requests], self._cut)
        logger.info(
            "%s: %d completions, %d tokens, %.0f tokens/s, %d prompts cut to %d tokens",
            self.name, len(requests), sum(each.completion_tokens for each in completions), self.tokens_per_second,
            self.truncated - cut_before, self.context_tokens - self._most_new_tokens(self.sampling),
        )  # fmt: skip
        return completions

    def answer(self, calls: Sequence[Call]) -> list[Completion]:
        """Complete calls that were made by different people, each in its own way, as batches.

        A completion goes to its listener as soon as it ends, whatever the rest of its batch does. No prompt is cut: one
        that fills the context gives finish_reason `error` with its tokens counted, and a completion ends at the
        context's end. Calls that do not fit into `batch_tokens` together are answered one batch after the other, and
        those whose listener has gone are given up: between tokens, or while their prompts are read.

        Args:
            calls: What is asked.

        Returns:
            A completion per call, in order.

        Raises:
            ModelError: The model was halted.
        """
        return self._complete([self._without_reasoning(call) for call in calls], self._fit, self.batch_tokens)

    def _without_reasoning(self, call: Call) -> Call:
        """The call, its listener hearing the response alone."""
        if call.listener is None or self._style.tags is None:
            return call
        return replace(call, listener=ResponseListener(call.listener, self._style))

    def halt(self) -> None:
        """Let `answer` in another thread end at the next layer of the network; it answers nothing any more."""
        self._interrupts.halted = True

    def surely_too_long(self, messages: Sequence[Message]) -> bool:
        """True for a chat that fills the context even if the longest of all tokens wrote it."""
        return sum(len(message.content) for message in messages) > self.context_tokens * self._longest_token

    @functools.cached_property
    def _longest_token(self) -> int:
        return max(map(len, self._tokenizer.get_vocab()))

    def _complete(
        self,
        calls: Sequence[Call],
        fit: Callable[[list[int], Sampling], "_Prompt | str"],
        batch_tokens: int | None = None,
    ) -> list[Completion]:
        completions: dict[int, Completion] = {}
        prompts: dict[int, _Prompt] = {}
        read: dict[tuple[Message, ...], list[int]] = {}  # samples of one chat are encoded once

        def end(i: int, completion: Completion) -> None:
            completions[i] = completion
            if (listener := calls[i].listener) is not None:
                listener.end(completion)

        for i, call in enumerate(calls):
            chat = call.request.messages
            try:
                if chat not in read:
                    read[chat] = self._encode(call.request)
            except TemplateError as error:
                end(i, self._refusal(call, f"the chat template does not take this chat: {error}", 0))
                continue
            except ModelError as error:
                end(i, self._refusal(call, str(error), 0))
                continue
            prompt = fit(read[chat], call.sampling)
            if isinstance(prompt, str):
                end(i, self._refusal(call, prompt, len(read[chat])))
            else:
                prompts[i] = prompt
        started = time.perf_counter()
        for batch in self._batches(prompts, batch_tokens):
            rows = [Row(calls[i], prompts[i].new_tokens, self._stops, self._decode) for i in batch]

            def ended(place: int, batch: list[int] = batch, rows: list[Row] = rows) -> None:
                i = batch[place]
                end(i, self._read(calls[i], rows[place], prompts[i]))

            chunk = PREFILL_TOKENS // len(batch) if batch_tokens else None
            with self._interrupts.watching(ends := RowEnds(rows, ended)):
                self._draw([prompts[i] for i in batch], [calls[i] for i in batch], ends, chunk)
        written = sum(each.completion_tokens for each in completions.values())
        self.tokens_per_second = written / max(time.perf_counter() - started, 1e-9)
        return [completions[i] for i in range(len(calls))]

    def _batches(self, prompts: "dict[int, _Prompt]", most_tokens: int | None) -> Iterator[list[int]]:
        """Prompts of like length together; the longest with the longest completion still fits the context."""
        batch: list[int] = []
        new_tokens = 0
        for i in sorted(prompts, key=lambda i: len(prompts[i].ids)):
            new_tokens = max(new_tokens, prompts[i].new_tokens)
            row = len(prompts[i].ids) + new_tokens
            full = len(batch) == self.batch_size or row > self.context_tokens
            if batch and (full or (most_tokens is not None and row * (len(batch) + 1) > most_tokens)):
                yield batch
                batch, new_tokens = [], prompts[i].new_tokens
            batch.append(i)
        if batch:
            yield batch

    def predict_forced(self, requests: Sequence[Request], targets: Sequence[str]) -> list[tuple[list[int], list[int]]]:
        """Predict each token of a given response from all right ones before it (teacher forcing).

        Args:
            requests: What is asked.
            targets: The response to each.

        Returns:
            The likeliest tokens and the tokens of the target, of one length, per request.
        """
        import torch

        prompts = [self._cut(self._encode(request), self.sampling).ids for request in requests]
        wanted = [self._encoder.text(target) for target in targets]
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]) + len(wanted[i]))
        predicted: dict[int, list[int]] = {}
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            rows = [[*prompts[i], *wanted[i]] for i in batch]
            width = max(map(len, rows))
            # Padded at the end, where a causal model does not look: positions count from the first token.
            ids = torch.tensor(
                [row + [self._tokenizer.pad_token_id] * (width - len(row)) for row in rows], device=self._device
            )
            with torch.inference_mode():
                likeliest = self._model(input_ids=ids).logits.argmax(-1).tolist()  # (B, T)
            for i, row in zip(batch, likeliest, strict=True):
                first = len(prompts[i]) - 1
                predicted[i] = row[first : first + len(wanted[i])]
        return [(predicted[i], wanted[i]) for i in range(len(prompts))]

    def _encode(self, request: Request) -> list[int]:
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        return self._encoder.chat(messages, add_generation_prompt=True)

    def _most_new_tokens(self, sampling: Sampling) -> int:
        return min(sampling.max_new_tokens, self.context_tokens // 2)

    def _cut(self, ids: list[int], sampling: Sampling) -> "_Prompt":
        new_tokens = self._most_new_tokens(sampling)
        room = self.context_tokens - new_tokens
        if len(ids) <= room:
            return _Prompt(ids, new_tokens)
        self.truncated += 1
        # The beginning holds the template's marks and the task, the end the request: the middle goes.
        head = room // 2
        return _Prompt([*ids[:head], *ids[len(ids) - (room - head) :]], new_tokens, len(ids) - room)

    def _fit(self, ids: list[int], sampling: Sampling) -> "_Prompt | str":
        if len(ids) >= self.context_tokens:
            return (
                f"the chat has {len(ids)} tokens, and the model's context of {self.context_tokens} must hold the "
                "completion too; shorten the chat"
            )
        return _Prompt(ids, min(sampling.max_new_tokens, self.context_tokens - len(ids)))

    def _draw(self, prompts: "list[_Prompt]", calls: list[Call], ends: RowEnds, chunk: int | None) -> None:
        import torch

        width = max(len(prompt.ids) for prompt in prompts)
        pad = self._tokenizer.pad_token_id
        ids = torch.tensor([[pad] * (width - len(p.ids)) + p.ids for p in prompts], device=self._device)
        mask = torch.tensor([[0] * (width - len(p.ids)) + [1] * len(p.ids) for p in prompts], device=self._device)
        draw = SeededDraw([call.sampling for call in calls], [_seed(call) for call in calls])
        # Most prompts are short, and then a prompt is read as it is when no one else asks: in one piece.
        in_chunks = {"prefill_chunk_size": chunk} if chunk and chunk < width else {}
        with torch.inference_mode():
            self._model.generate(
                input_ids=ids,
                attention_mask=mask,
                logits_processor=[draw],
                stopping_criteria=[ends],
                max_new_tokens=max(prompt.new_tokens for prompt in prompts),
                **in_chunks,
            )

    def _read(self, call: Call, row: Row, prompt: "_Prompt") -> Completion:
        knobs = {"prompt_tokens_cut": str(prompt.cut_tokens)} if prompt.cut_tokens else {}
        return Completion(
            request_id=call.request.id,
            text=self._style.written(row.text()),
            finish_reason=row.finish_reason or "length",
            prompt_tokens=len(prompt.ids),
            completion_tokens=len(row.ids),
            origin=self._origin(call, knobs),
        )

    def _refusal(self, call: Call, why: str, prompt_tokens: int) -> Completion:
        return Completion(
            request_id=call.request.id,
            text=why,
            finish_reason="error",
            prompt_tokens=prompt_tokens,
            origin=self._origin(call, {}),
        )

    def _origin(self, call: Call, knobs: dict[str, str]) -> Origin:
        request = call.request
        return Origin(
            parents=(request.id,), prompt=request.prompt, model=self.name, seed=call.sampling.seed, knobs=knobs
        )


@dataclass(frozen=True)
class _Prompt:
    """A prompt that fits."""

    ids: list[int]
    new_tokens: int
    """Most tokens to write after it."""
    cut_tokens: int = 0
    """Tokens taken out of its middle."""


def _seed(call: Call) -> int:
    return int(content_id(call.sampling.seed, call.request.id, call.request.sample), 16) % (1 << 63)
