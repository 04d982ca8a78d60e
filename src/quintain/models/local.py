"""A model from a folder, run in this process by transformers."""

import functools
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from jinja2 import TemplateError

from quintain.errors import ModelError
from quintain.models.calls import Call
from quintain.models.chat_tokens import ChatEncoder
from quintain.models.context_room import FittedPrompt, cut_prompt, fit_prompt, most_new_tokens
from quintain.models.decoders import make_decoder, network_of
from quintain.models.folder import folder_digest
from quintain.models.interrupts import Interrupts
from quintain.models.language_model import Likelihood, Sampling
from quintain.models.number_format import number_format, stored_format
from quintain.models.open_folder import device_named, end_tokens, open_model
from quintain.models.reasoning_style import reasoning_style
from quintain.models.response_listener import ResponseListener
from quintain.models.rows import Draw, Row
from quintain.models.vocabulary import require_embeddings
from quintain.progress import Progress
from quintain.records import Completion, Message, Origin, Request, content_id

logger = logging.getLogger(__name__)

BATCH_ROWS = 64
BATCH_TOKENS = 32_768
_HAND_OVER_SECONDS = 1.0
"""Completions that come within this time are kept together: keeping costs a write to the disk."""


class LocalModel:
    """Completes chats with a Hugging Face folder: full weights or a LoRA adapter.

    Many are completed at a time: those that end leave, waiting ones join. A request's draw depends on its own seed
    alone, so it comes out the same in any company. Nothing but `sampling` shapes a completion: defaults that a folder
    brings along, such as a penalty on repetition, are not taken over.

    A completion gets at most half of the model's context, the prompt the rest; a longer prompt loses its middle, which
    is counted and noted in the completion's origin.

    Args:
        folder: Folder in Hugging Face layout; never a name on the hub.
        sampling: How tokens are drawn.
        batch_size: Most completions at a time.
        batch_tokens: Most tokens of prompts and completions at a time, which bound the memory.
        device: Torch device, such as `cpu` or `cuda`; `auto` takes a GPU where there is one.
        dtype: Number format to compute in, such as `float32`; `auto` takes bfloat16 where the device computes in it,
            float32 elsewhere.

    Raises:
        ModelError: The folder holds no whole model, no tokenizer, or a tokenizer without a chat template or with one
            that writes tokens which the model cannot read.
    """

    def __init__(
        self,
        folder: str | Path,
        sampling: Sampling,
        *,
        batch_size: int = BATCH_ROWS,
        batch_tokens: int = BATCH_TOKENS,
        device: str = "auto",
        dtype: str = "auto",
    ) -> None:
        folder = Path(folder)
        digest = folder_digest(folder)
        self.sampling = sampling
        self.truncated = 0
        self._device = device_named(device)
        self.number_format = number_format(dtype, self._device)
        self._model, self._tokenizer = open_model(folder, self._device, self.number_format)
        require_embeddings(folder, self._model, self._tokenizer)
        stored = stored_format(Path(network_of(self._model).config.name_or_path))
        other = "" if self.number_format == stored else f"+{self.number_format}"  # other rounding, other completions
        self.name = f"local:{folder.name}@{digest[:12]}{other}"
        self._encoder = ChatEncoder(self._tokenizer)
        self._style = reasoning_style(self._encoder.renderer, folder)
        self._decode = self._encoder.decoder(self._style.marks)
        self._interrupts = Interrupts(self._model)
        self.context_tokens = int(
            getattr(self._model.config.get_text_config(), "max_position_embeddings", None) or 1 << 30
        )
        self._stops = end_tokens(self._model, self._tokenizer)
        self._decoder = make_decoder(
            self._model,
            self._interrupts,
            most_rows=batch_size,
            most_tokens=batch_tokens,
            context_tokens=self.context_tokens,
            end_tokens=self._stops,
            pad_token=self._tokenizer.pad_token_id,
        )

    @property
    def computed(self) -> dict[str, str]:
        """Engine and number format: under others the rounding, and so a completion, may differ."""
        return {"engine": "local", "number_format": self.number_format}

    @property
    def batch_tokens(self) -> int:
        """Most tokens of prompts and completions at a time."""
        return self._decoder.most_tokens

    @batch_tokens.setter
    def batch_tokens(self, tokens: int) -> None:
        self._decoder.most_tokens = tokens

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Complete each request, in order."""
        done = {index: completion for batch in self.stream(requests) for index, completion in batch}
        return [done[index] for index in range(len(requests))]

    def stream(self, requests: Sequence[Request]) -> Iterator[list[tuple[int, Completion]]]:
        """Complete the requests; logs tokens per second and how many prompts had to be cut.

        Args:
            requests: What to ask.

        Yields:
            Completions that ended within about a second, each with the position of its request.
        """
        cut_before = self.truncated
        landed: list[tuple[int, Completion]] = []
        started = handed_over = time.monotonic()
        tokens = 0
        with Progress(f"{self.name}, completions", len(requests), "tokens") as progress:

            def land(index: int, completion: Completion) -> None:
                landed.append((index, completion))
                progress.advance(1)

            calls = [Call(request=request, sampling=self.sampling) for request in requests]
            line = iter(self._rows(calls, self._cut, land))
            for written in self._decoder.decode(lambda: next(line, None)):
                tokens += written
                progress.advance(amount=written)
                if landed and time.monotonic() - handed_over > _HAND_OVER_SECONDS:
                    yield landed
                    landed = []
                    handed_over = time.monotonic()
        yield landed
        logger.info(
            "%s: %d completions, %d tokens, %.0f tokens/s, %d prompts cut to %d tokens",
            self.name, len(requests), tokens, tokens / max(time.monotonic() - started, 1e-9),
            self.truncated - cut_before, self.context_tokens - most_new_tokens(self.sampling, self.context_tokens),
        )  # fmt: skip

    def answer(self, calls: Sequence[Call], arrivals: Callable[[], Call | None] = lambda: None) -> list[Completion]:
        """Complete calls that were made by different people, each in its own way, at the same time.

        A completion goes to its listener as soon as it ends, whatever the others do. No prompt is cut: one that fills
        the context gives finish_reason `error` with its tokens counted, and a completion ends at the context's end. A
        call whose listener has gone is given up: between tokens, or while its prompt is read.

        Args:
            calls: What is asked.
            arrivals: Asked for a further call whenever there is room for one; its completion goes to its listener.

        Returns:
            A completion per given call, in order.

        Raises:
            ModelError: The model was halted.
        """
        done: dict[int, Completion] = {}
        line = iter(self._rows(calls, self._fit, done.__setitem__))

        def take() -> Row | None:
            if (row := next(line, None)) is not None:
                return row
            while (call := arrivals()) is not None:
                if rows := self._rows([call], self._fit, lambda *_: None):
                    return rows[0]
            return None

        for _ in self._decoder.decode(take):
            pass
        return [done[index] for index in range(len(calls))]

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

    def _rows(
        self,
        calls: Sequence[Call],
        fit: Callable[[list[int], Sampling], FittedPrompt | str],
        land: Callable[[int, Completion], None],
    ) -> list[Row]:
        """Rows of the calls, the longest prompts first; what cannot be asked lands at once."""
        encoded: dict[tuple[Message, ...], list[int]] = {}  # samples of one chat are encoded once
        rows: list[Row] = []
        calls = [self._without_reasoning(call) for call in calls]

        def end(index: int, completion: Completion) -> None:
            land(index, completion)
            if (listener := calls[index].listener) is not None:
                listener.end(completion)

        for index, call in enumerate(calls):
            chat = call.request.messages
            try:
                if chat not in encoded:
                    encoded[chat] = self._encode(call.request)
            except TemplateError as error:
                end(index, self._refusal(call, f"the chat template does not take this chat: {error}", 0))
                continue
            except ModelError as error:
                end(index, self._refusal(call, str(error), 0))
                continue
            prompt = fit(encoded[chat], call.sampling)
            if isinstance(prompt, str):
                end(index, self._refusal(call, prompt, len(encoded[chat])))
                continue

            def ended(row: Row, index: int = index, prompt: FittedPrompt = prompt) -> None:
                end(index, self._read(calls[index], row, prompt))

            draw = Draw(call.sampling, _seed(call))
            rows.append(Row(call, prompt.ids, prompt.new_tokens, self._stops, self._decode, draw, ended))
        # When few rows are left at work, those with little to read are the last.
        return sorted(rows, key=lambda row: len(row.prompt), reverse=True)

    def predict_forced(self, requests: Sequence[Request], targets: Sequence[str]) -> list[tuple[list[int], list[int]]]:
        """Predict each token of a given response from all right ones before it (teacher forcing).

        Args:
            requests: What is asked.
            targets: The response to each.

        Returns:
            The likeliest tokens and the tokens of the target, of one length, per request.
        """
        from quintain.models.forced import likeliest_tokens

        prompts = [self._cut(self._encode(request), self.sampling).ids for request in requests]
        wanted = [self._encoder.text(target) for target in targets]
        pad, most_rows = self._tokenizer.pad_token_id, self._decoder.most_rows
        return list(zip(likeliest_tokens(self._model, prompts, wanted, pad, most_rows), wanted, strict=True))

    def score_responses(self, requests: Sequence[Request], responses: Sequence[str]) -> list[Likelihood]:
        """Tell how likely each response is behind its prompt, as it is served; nothing is cut.

        Args:
            requests: What is asked.
            responses: A response to each.

        Returns:
            A likelihood per response; one with a fault where prompt and response are longer than the context, the
            response is empty, or the chat cannot be rendered.
        """
        from quintain.models.response_scoring import score_responses

        return score_responses(
            self._model,
            self._encoder,
            requests,
            responses,
            context_tokens=self.context_tokens,
            pad_token=self._tokenizer.pad_token_id,
            most_rows=self._decoder.most_rows,
        )

    def _encode(self, request: Request) -> list[int]:
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        return self._encoder.chat(messages, add_generation_prompt=True)

    def _cut(self, ids: list[int], sampling: Sampling) -> FittedPrompt:
        prompt = cut_prompt(ids, sampling, self.context_tokens)
        self.truncated += bool(prompt.cut_tokens)
        return prompt

    def _fit(self, ids: list[int], sampling: Sampling) -> FittedPrompt | str:
        return fit_prompt(ids, sampling, self.context_tokens)

    def _read(self, call: Call, row: Row, prompt: FittedPrompt) -> Completion:
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


def _seed(call: Call) -> int:
    return int(content_id(call.sampling.seed, call.request.id, call.request.sample), 16) % (1 << 63)
