"""A model from a folder, run in this process by transformers."""

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quintain.digests import folder_digest
from quintain.errors import ModelError
from quintain.models.language_model import Sampling
from quintain.records import Completion, FinishReason, Origin, Request, content_id

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)


class LocalModel:
    """Completes chats with a Hugging Face folder: full weights or a LoRA adapter.

    Prompts are sorted by length and run in left-padded batches with a key-value cache; a request's draw depends on its
    own seed alone, so it comes out the same in any batch.

    Args:
        folder: Folder in Hugging Face layout; never a name on the hub.
        sampling: How tokens are drawn.
        batch_size: Prompts per batch.
        device: Torch device, such as `cpu` or `cuda`.

    Raises:
        ModelError: The folder holds no model, no tokenizer, or a tokenizer without a chat template.
    """

    def __init__(self, folder: str | Path, sampling: Sampling, *, batch_size: int = 64, device: str = "cpu") -> None:
        self.sampling = sampling
        self.name = f"local:{Path(folder).name}@{folder_digest(Path(folder))[:12]}"
        self._batch_size = batch_size
        self._device = device
        self._model, self._tokenizer = _open(Path(folder), device)
        self.tokens_per_second = 0.0
        self.truncated = 0

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Complete each request, in order; logs tokens per second and how many prompts had to be cut."""
        prompts = [self._encode(request) for request in requests]
        completions: list[Completion | None] = [None] * len(requests)
        order = sorted(range(len(requests)), key=lambda i: len(prompts[i]))
        started, written = time.perf_counter(), 0
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            drawn = self._complete([prompts[i] for i in batch], [requests[i] for i in batch])
            for i, ids in zip(batch, drawn, strict=True):
                completions[i] = self._read(requests[i], prompts[i], ids)
                written += len(ids)
        self.tokens_per_second = written / max(time.perf_counter() - started, 1e-9)
        logger.info(
            "%s: %d completions, %d tokens, %.0f tokens/s, %d prompts cut",
            self.name, len(requests), written, self.tokens_per_second, self.truncated,
        )  # fmt: skip
        return [completion for completion in completions if completion is not None]

    def _encode(self, request: Request) -> list[int]:
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        # The template writes every special token, the beginning of the sequence included, exactly once.
        ids: list[int] = self._tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, tokenize=True, return_dict=False
        )
        room = self._context_tokens() - self.sampling.max_new_tokens
        if len(ids) > max(room, 1):
            self.truncated += 1
            # The beginning holds the template's marks and the task, the end the request: the middle goes.
            half = max(room, 2) // 2
            ids = [*ids[:half], *ids[len(ids) - (max(room, 2) - half) :]]
        return ids

    def _context_tokens(self) -> int:
        return int(getattr(self._model.config, "max_position_embeddings", None) or 1 << 30)

    def _complete(self, prompts: list[list[int]], requests: list[Request]) -> list[list[int]]:
        import torch

        width = max(map(len, prompts))
        pad = self._tokenizer.pad_token_id
        ids = torch.tensor([[pad] * (width - len(prompt)) + prompt for prompt in prompts], device=self._device)
        mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=self._device)
        greedy = self.sampling.temperature == 0
        processors = None if greedy else [_SeededDraw(self.sampling, [self._seed(request) for request in requests])]
        with torch.inference_mode():
            rows = self._model.generate(
                input_ids=ids,
                attention_mask=mask,
                do_sample=False,
                max_new_tokens=self.sampling.max_new_tokens,
                pad_token_id=pad,
                eos_token_id=self._stops(),
                logits_processor=processors,
            )
        return [self._trim(row) for row in rows[:, width:].tolist()]

    def _seed(self, request: Request) -> int:
        return int(content_id(self.sampling.seed, request.id, request.sample), 16) % (1 << 63)

    def _stops(self) -> list[int]:
        configured = self._model.generation_config.eos_token_id
        stops = configured if isinstance(configured, list) else [configured]
        return sorted({stop for stop in (*stops, self._tokenizer.eos_token_id) if stop is not None})

    def _trim(self, row: list[int]) -> list[int]:
        ends = [i for i, token in enumerate(row) if token in self._stops()]
        return row[: ends[0] + 1] if ends else row

    def _read(self, request: Request, prompt: list[int], ids: list[int]) -> Completion:
        stopped = bool(ids) and ids[-1] in self._stops()
        reason: FinishReason = "stop" if stopped else "length"
        return Completion(
            request_id=request.id,
            text=self._tokenizer.decode(ids, skip_special_tokens=True),
            finish_reason=reason,
            prompt_tokens=len(prompt),
            completion_tokens=len(ids),
            origin=Origin(parents=(request.id,), prompt=request.prompt, model=self.name, seed=self.sampling.seed),
        )


class _SeededDraw:
    """Turns greedy search into a draw: all logits but those of the drawn token become −inf.

    generate() has one random state for a batch; here each row has its own, so a draw does not depend on its neighbours.
    """

    def __init__(self, sampling: Sampling, seeds: list[int]) -> None:
        import torch

        self._sampling = sampling
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        import torch

        shares = torch.softmax(scores.float() / self._sampling.temperature, dim=-1).cpu()  # (B, V)
        if self._sampling.top_p < 1:
            ordered, index = shares.sort(dim=-1, descending=True)
            # A token stays as long as the mass before it is below top_p, so the first always stays.
            ordered[ordered.cumsum(-1) - ordered >= self._sampling.top_p] = 0
            shares = torch.zeros_like(shares).scatter(-1, index, ordered)
        drawn = torch.stack(
            [torch.multinomial(row, 1, generator=g) for row, g in zip(shares, self._generators, strict=True)]
        )
        return torch.full_like(scores, float("-inf")).scatter(-1, drawn.to(scores.device), 0.0)


def _open(folder: Path, device: str) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    adapter = folder / "adapter_config.json"
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        if adapter.is_file():
            from peft import AutoPeftModelForCausalLM

            model = AutoPeftModelForCausalLM.from_pretrained(folder, local_files_only=True)
        else:
            model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder} could not be opened as a model: {error}") from error
    if tokenizer.chat_template is None:
        raise ModelError(
            f"the tokenizer in {folder} has no chat template; add chat_template.jinja to the folder, "
            "or start from an instruction-tuned model"
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return model.to(device).eval(), tokenizer
