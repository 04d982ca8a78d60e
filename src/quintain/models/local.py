"""A model from a folder, run in this process by transformers."""

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from quintain.digests import base_of, folder_digest, is_adapter
from quintain.errors import ModelError
from quintain.models.language_model import Sampling
from quintain.records import Completion, FinishReason, Origin, Request, content_id

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)


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
        self.sampling = sampling
        self.name = f"local:{folder.name}@{folder_digest(folder)[:12]}"
        self.truncated = 0
        self.tokens_per_second = 0.0
        self._batch_size = batch_size
        self._device = _resolve(device)
        self._model, self._tokenizer = open_model(folder, self._device, dtype)
        context = int(getattr(self._model.config, "max_position_embeddings", None) or 1 << 30)
        new_tokens = min(sampling.max_new_tokens, context // 2)
        self._prompt_tokens = context - new_tokens
        self._stops = _end_tokens(self._model, self._tokenizer)
        self._model.generation_config = GenerationConfig(
            do_sample=False,  # draws are ours, see _SeededDraw
            max_new_tokens=new_tokens,
            eos_token_id=sorted(self._stops) or None,
            pad_token_id=self._tokenizer.pad_token_id,
        )

    def generate(self, requests: Sequence[Request]) -> list[Completion]:
        """Complete each request, in order; logs tokens per second and how many prompts had to be cut."""
        completions: dict[int, Completion] = {}
        prompts: dict[int, list[int]] = {}
        for i, request in enumerate(requests):
            try:
                prompts[i] = self._encode(request)
            except TemplateError as error:
                completions[i] = self._refusal(request, f"the chat template does not take this chat: {error}")
        order = sorted(prompts, key=lambda i: len(prompts[i]))
        started, written, cut_before = time.perf_counter(), 0, self.truncated
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            cut = {i: self._cut(prompts[i]) for i in batch}
            drawn = self._complete(list(cut.values()), [requests[i] for i in batch])
            for i, ids in zip(batch, drawn, strict=True):
                completions[i] = self._read(requests[i], ids, len(cut[i]), len(prompts[i]) - len(cut[i]))
                written += len(ids)
        self.tokens_per_second = written / max(time.perf_counter() - started, 1e-9)
        logger.info(
            "%s: %d completions, %d tokens, %.0f tokens/s, %d prompts cut to %d tokens",
            self.name, len(requests), written, self.tokens_per_second, self.truncated - cut_before, self._prompt_tokens,
        )  # fmt: skip
        return [completions[i] for i in range(len(requests))]

    def _encode(self, request: Request) -> list[int]:
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        # The template writes every special token, the beginning of the sequence included, exactly once.
        ids: list[int] = self._tokenizer.apply_chat_template(
            messages,
            add_generation_prompt=True,
            tokenize=True,
            return_dict=False,
            tokenizer_kwargs={"verbose": False},  # what is too long is cut and counted here, see _cut
        )
        return ids

    def _cut(self, ids: list[int]) -> list[int]:
        if len(ids) <= self._prompt_tokens:
            return ids
        self.truncated += 1
        # The beginning holds the template's marks and the task, the end the request: the middle goes.
        head = self._prompt_tokens // 2
        return [*ids[:head], *ids[len(ids) - (self._prompt_tokens - head) :]]

    def _complete(self, prompts: list[list[int]], requests: list[Request]) -> list[list[int]]:
        import torch

        width = max(map(len, prompts))
        pad = self._tokenizer.pad_token_id
        ids = torch.tensor([[pad] * (width - len(prompt)) + prompt for prompt in prompts], device=self._device)
        mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=self._device)
        greedy = self.sampling.temperature == 0
        draw = None if greedy else [_SeededDraw(self.sampling, [self._seed(request) for request in requests])]
        with torch.inference_mode():
            rows = self._model.generate(input_ids=ids, attention_mask=mask, logits_processor=draw)
        return [self._trim(row) for row in rows[:, width:].tolist()]

    def _seed(self, request: Request) -> int:
        return int(content_id(self.sampling.seed, request.id, request.sample), 16) % (1 << 63)

    def _trim(self, row: list[int]) -> list[int]:
        end = next((i for i, token in enumerate(row) if token in self._stops), len(row))
        return row[: end + 1]

    def _read(self, request: Request, ids: list[int], prompt_tokens: int, cut_tokens: int) -> Completion:
        reason: FinishReason = "stop" if ids and ids[-1] in self._stops else "length"
        return Completion(
            request_id=request.id,
            text=self._tokenizer.decode(ids, skip_special_tokens=True),
            finish_reason=reason,
            prompt_tokens=prompt_tokens,
            completion_tokens=len(ids),
            origin=self._origin(request, {"prompt_tokens_cut": str(cut_tokens)} if cut_tokens else {}),
        )

    def _refusal(self, request: Request, why: str) -> Completion:
        return Completion(request_id=request.id, text=why, finish_reason="error", origin=self._origin(request, {}))

    def _origin(self, request: Request, knobs: dict[str, str]) -> Origin:
        return Origin(
            parents=(request.id,), prompt=request.prompt, model=self.name, seed=self.sampling.seed, knobs=knobs
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


def _resolve(device: str) -> str:
    import torch

    if device != "auto":
        return device
    return "cuda" if torch.cuda.is_available() else "cpu"


def open_model(folder: Path, device: str, dtype: str) -> tuple[Any, Any]:
    """Open a folder, full weights or adapter, to ask it.

    Args:
        folder: Folder in Hugging Face layout.
        device: Torch device.
        dtype: Number format of the weights; `auto` takes them as they are stored.

    Returns:
        Model and tokenizer.

    Raises:
        ModelError: The folder holds no whole model, no tokenizer, or a tokenizer without a chat template.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import AutoTokenizer

    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError(f"{folder} shall run on {device}, but torch sees no GPU; set device: cpu, or mend the driver")
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        model = _weights(folder, dtype)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"{folder} could not be opened as a model: {error}") from error
    if tokenizer.chat_template is None:
        raise ModelError(
            f"the tokenizer in {folder} has no chat template; add chat_template.jinja to the folder, "
            "or start from an instruction-tuned model"
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return model.to(device).eval(), tokenizer


def _weights(folder: Path, dtype: str) -> Any:
    from transformers import AutoModelForCausalLM

    base = base_of(folder) if is_adapter(folder) else folder
    opened: Any = AutoModelForCausalLM.from_pretrained(
        base,
        dtype=dtype,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        output_loading_info=True,
    )
    model, report = opened
    if report["missing_keys"]:  # transformers would go on with random numbers in their place
        some = ", ".join(sorted(report["missing_keys"])[:3])
        raise ModelError(f"{base} lacks {len(report['missing_keys'])} weights of its model, such as {some}")
    if base is folder:
        return model
    from peft import PeftModel

    return PeftModel.from_pretrained(model, str(folder), local_files_only=True)


def _end_tokens(model: Any, tokenizer: Any) -> set[int]:
    configured = model.generation_config.eos_token_id
    stops = configured if isinstance(configured, list) else [configured]
    return {stop for stop in (*stops, tokenizer.eos_token_id) if stop is not None}
