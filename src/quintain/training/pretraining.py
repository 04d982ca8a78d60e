"""Train a small Llama from scratch.

An own loop, because the setting is its own: 1k tokens per step, where a trainer's overhead would cost more than the
step, and a vocabulary projection at supervised positions only.
"""

import logging
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from quintain.errors import ConfigError
from quintain.fields import Count, NotNegative, Positive, Seed, Share, check
from quintain.progress import Progress
from quintain.training.finite import finite_training, require_finite_number, require_finite_weights
from quintain.training.halves import HalvedBatches

if TYPE_CHECKING:
    import torch
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

logger = logging.getLogger(__name__)

_BUCKET = 2048


@dataclass(frozen=True)
class ArchitectureParams:
    """Shape of the student."""

    hidden_size: Count = 64
    """Width of the residual stream."""
    layers: Count = 3
    """Transformer blocks."""
    heads: Count = 4
    """Attention heads of a block."""
    feed_forward: Count = 160
    """Width inside the feed-forward layers."""
    context_tokens: Annotated[int, Meta(ge=2)] = 256
    """Longest context, in tokens."""

    def __post_init__(self) -> None:
        check(self)
        if self.hidden_size % (2 * self.heads):
            raise ValueError(
                f"hidden_size must be a multiple of twice the heads, whose positions are turned in pairs; got "
                f"{self.hidden_size} and {self.heads} heads"
            )


@dataclass(frozen=True)
class PretrainingParams:
    """Settings of pretraining.

    Raises:
        ValueError: A value is out of range.
    """

    tokens: Count = 2_600_000
    """Tokens to train on."""
    tokens_per_step: Count = 1024
    """Tokens in one optimiser step."""
    chat_share: Share = 0.5
    """Share of the tokens that are chats; the rest are documents."""
    longest_passage_tokens: Count = 200
    """Longest document or chat, in tokens."""
    learning_rate: Positive = 4e-3
    """Highest rate of AdamW, reached after the warm-up."""
    final_share: Share = 0.05
    """Learning rate at the end, as a share of the peak."""
    warmup_ratio: Share = 0.06
    """Share of the steps in which the rate rises from 0."""
    weight_decay: NotNegative = 0.05
    """AdamW's decoupled weight decay."""
    max_grad_norm: Positive = 1.0
    """Norm to which a larger gradient is scaled down."""
    checkpoint_steps: Count = 500
    """Steps between checkpoints, from which a killed training resumes."""
    seed: Seed = 0
    """Seed of the first weights and of the draws."""

    def __post_init__(self) -> None:
        check(self)
        if self.tokens < self.tokens_per_step:
            raise ValueError(f"tokens must be at least tokens_per_step ({self.tokens_per_step}), got {self.tokens}")


@dataclass(frozen=True)
class LossPoint:
    """One point of a loss curve."""

    step: int
    loss: float
    """Mean over the steps since the last point, in nats per token."""
    learning_rate: float
    tokens: int
    """Tokens seen so far."""


def small_llama(
    architecture: ArchitectureParams, tokenizer: "PreTrainedTokenizerFast", seed: int
) -> "LlamaForCausalLM":
    """Build an untrained Llama for a tokenizer."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=architecture.hidden_size,
        intermediate_size=architecture.feed_forward,
        num_hidden_layers=architecture.layers,
        num_attention_heads=architecture.heads,
        num_key_value_heads=architecture.heads,
        max_position_embeddings=architecture.context_tokens,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        initializer_range=0.05,
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        # Residual branches start smaller the deeper the model, as in GPT-2: a tiny model trains faster so.
        for name, weight in model.named_parameters():
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                weight.mul_(1 / math.sqrt(2 * architecture.layers))
    return model


def batches(lengths: Sequence[int], tokens_per_step: int, seed: int) -> list[list[int]]:
    """Group sequences of similar length into steps of about `tokens_per_step` padded tokens, in random order."""
    rng = random.Random(seed)
    order = list(range(len(lengths)))
    rng.shuffle(order)
    steps: list[list[int]] = []
    for start in range(0, len(order), _BUCKET):
        step: list[int] = []
        for i in sorted(order[start : start + _BUCKET], key=lengths.__getitem__):
            # Sorted by length, so the sequence at hand is the longest of its step.
            if step and lengths[i] * (len(step) + 1) > tokens_per_step:
                steps.append(step)
                step = []
            step.append(i)
        steps.append(step)
    rng.shuffle(steps)
    return steps


def learning_rate(step: int, steps: int, params: PretrainingParams) -> float:
    """Linear warm-up, then a cosine down to the final share."""
    warmup = max(1, round(params.warmup_ratio * steps))
    if step < warmup:
        return params.learning_rate * (step + 1) / warmup
    cosine = 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))
    return params.learning_rate * (params.final_share + (1 - params.final_share) * cosine)


def summed_loss(model: "LlamaForCausalLM", sequences: Sequence[Sequence[int]], pad_id: int) -> "torch.Tensor":
    """Sum of the next-token losses of all real positions of right-padded sequences, in nats.

    Causal attention never looks right, so padding there needs no mask.
    """
    import torch
    from torch.nn.functional import cross_entropy

    width = max(map(len, sequences))
    ids = torch.tensor([[*sequence, *[pad_id] * (width - len(sequence))] for sequence in sequences])
    real = torch.tensor([[i < len(sequence) for i in range(width)] for sequence in sequences])[:, 1:]  # (B, T-1)
    hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]  # (B, T-1, D)
    return cross_entropy(model.lm_head(hidden[real]), ids[:, 1:][real], reduction="sum")


def pretrain(
    model: "LlamaForCausalLM", sequences: Sequence[Sequence[int]], pad_id: int, params: PretrainingParams, scratch: Path
) -> list[LossPoint]:
    """Train a model in place.

    A killed run continues at its last checkpoint and ends with the same bytes as an uninterrupted one, on any number of
    cores.

    Args:
        model: The untrained model.
        sequences: Token ids; every position is learned from.
        pad_id: Id that fills short sequences.
        params: How to train.
        scratch: Folder for checkpoints; empty again at the end.

    Returns:
        The loss curve.

    Raises:
        ConfigError: A checkpoint in the scratch folder belongs to another run.
        ModelError: The training lost its numbers.
    """
    halved = HalvedBatches(model, sequences, pad_id, summed_loss)
    with finite_training(params, "world.pretraining", scratch), halved.on_all_cores():
        return _train(model, sequences, halved, params, scratch)


def _train(
    model: "LlamaForCausalLM",
    sequences: Sequence[Sequence[int]],
    halved: HalvedBatches,
    params: PretrainingParams,
    scratch: Path,
) -> list[LossPoint]:
    import torch

    torch.set_num_threads(1)  # the bytes of the trained model depend on their number
    lengths = [len(sequence) for sequence in sequences]
    steps = batches(lengths, params.tokens_per_step, params.seed)
    groups = [
        {"params": [p for p in model.parameters() if p.ndim >= 2], "weight_decay": params.weight_decay},
        {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=params.learning_rate, betas=(0.9, 0.95), fused=True)
    checkpoint = scratch / "pretraining.pt"
    identity = f"{params}/{len(sequences)}/{sum(lengths)}"
    first, curve = _resume(checkpoint, identity, model, optimizer)
    model.train()
    losses: list[float] = []
    tokens = sum(lengths[i] for step in steps[:first] for i in step)
    with Progress("pre-training, steps", len(steps), "tokens", done=first) as progress:
        for number, step in enumerate(steps[first:], start=first):
            rate = learning_rate(number, len(steps), params)
            for group in optimizer.param_groups:
                group["lr"] = rate
            done = number + 1
            latest = halved.backward(step)
            require_finite_number("the loss", latest, done)
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), params.max_grad_norm)
            require_finite_number("the gradient norm", norm.item(), done)
            optimizer.step()
            losses.append(latest)
            read = sum(lengths[i] for i in step)
            tokens += read
            progress.advance(1, read, f"loss {latest:.3f}")
            if done % 20 == 0 or done == len(steps):
                curve.append(LossPoint(done, sum(losses) / len(losses), rate, tokens))
                losses = []
            if done % params.checkpoint_steps == 0 and done < len(steps):
                require_finite_weights(model, done)
                _save(checkpoint, identity, done, model, optimizer, curve)
    require_finite_weights(model, len(steps))
    checkpoint.unlink(missing_ok=True)
    return curve


def _save(
    path: Path,
    identity: str,
    step: int,
    model: "LlamaForCausalLM",
    optimizer: "torch.optim.Optimizer",
    curve: list[LossPoint],
) -> None:
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    state = {
        "identity": identity,
        "step": step,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "curve": [vars(point) for point in curve],
    }
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    temporary.replace(path)


def _resume(
    path: Path, identity: str, model: "LlamaForCausalLM", optimizer: "torch.optim.Optimizer"
) -> tuple[int, list[LossPoint]]:
    import torch

    if not path.exists():
        return 0, []
    state = torch.load(path, weights_only=True)
    if state["identity"] != identity:
        raise ConfigError(
            f"{path} is the checkpoint of a training with other parameters or data; delete it to start anew, or "
            "restore conf/base/parameters_world.yml to continue"
        )
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    logger.info("continuing at step %d", state["step"])
    return state["step"], [LossPoint(**point) for point in state["curve"]]
