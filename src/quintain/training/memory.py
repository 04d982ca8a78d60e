"""Memory of a training before it starts: weights, gradients, optimiser, activations, logits, each by its formula."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PretrainedConfig

SINGLE = 4
"""Bytes of a number in single precision, in which gradients, optimiser and losses are kept."""
_ADAM_MOMENTS = 2
_LOGIT_COPIES = 3
"""The scores, their log-softmax and their gradient are there at once."""


@dataclass(frozen=True, kw_only=True)
class ModelShape:
    """Sizes of a decoder that its memory follows from."""

    parameters: int
    """Weights; shared ones count once."""
    trainable: int
    """Weights that are trained: all, or those of an adapter, which come on top."""
    layers: int
    """Blocks."""
    width: int
    """Width of the residual stream, h."""
    attention_width: int
    """Width of all heads together, a."""
    inner_width: int
    """Width of the feed-forward part, i; of a mixture, that of all experts that a token passes."""
    vocabulary: int
    """Tokens, V."""
    cached_numbers: int
    """Numbers in the keys and values of one token: 2 x layers x key-value heads x width of a head."""

    @classmethod
    def of(cls, config: "PretrainedConfig", parameters: int, trainable: int) -> "ModelShape":
        """Read the sizes from a model's configuration.

        Args:
            config: The configuration; of a wrapper of a text model, the text model's is read.
            parameters: Weights.
            trainable: Weights that are trained.

        Returns:
            The sizes.
        """
        text: Any = config.get_text_config()
        width = int(text.hidden_size)
        heads = int(getattr(text, "num_attention_heads", None) or 1)
        head_width = int(getattr(text, "head_dim", None) or width // heads)
        key_heads = int(getattr(text, "num_key_value_heads", None) or heads)
        inner = getattr(text, "moe_intermediate_size", None) or getattr(text, "intermediate_size", None) or 4 * width
        experts = getattr(text, "num_experts_per_tok", None) or 1
        return cls(
            parameters=parameters,
            trainable=trainable,
            layers=int(text.num_hidden_layers),
            width=width,
            attention_width=heads * head_width,
            inner_width=int(inner) * int(experts),
            vocabulary=int(text.vocab_size),
            cached_numbers=2 * int(text.num_hidden_layers) * key_heads * head_width,
        )


@dataclass(frozen=True, kw_only=True)
class BatchShape:
    """Sizes of the largest batch."""

    rows: int
    """Sequences: pairs of fine-tuning, or twice the pairs of preference training."""
    tokens: int
    """Tokens of the longest sequence, to which the others are padded."""
    scored: int
    """Positions of a sequence for which the vocabulary is scored at once."""


@dataclass(frozen=True)
class MemoryPart:
    """One part of the memory of a training."""

    name: str
    """What it is for."""
    size_bytes: int
    """Bytes."""
    formula: str
    """How the bytes come about, with the numbers."""


def training_memory(
    model: ModelShape,
    batch: BatchShape,
    *,
    weight_bytes: float = SINGLE,
    activation_bytes: int = SINGLE,
    checkpointing: bool = False,
    copies: int = 0,
) -> tuple[MemoryPart, ...]:
    """Foretell the memory of a training at its largest batch.

    Activations are what autograd keeps of a block of Llama's kind with fused attention: per token 6 h (both norms and
    the residual stream), 5 a (queries, keys, values and the result of attention, once more in the order that the
    output projection reads) and 4 i (gate, its SiLU, up, their product). Attention without a fused kernel needs more.

    Args:
        model: The model.
        batch: The batch.
        weight_bytes: Bytes of a weight of the model; those of an adapter are in single precision.
        activation_bytes: Bytes of a number that passes through the model.
        checkpointing: Activations are computed again, so that of each block only its input is kept.
        copies: Further copies of the model that are held beside it, such as a reference.

    Returns:
        The parts; their sum is the whole.
    """
    adapter = model.trainable if model.trainable < model.parameters else 0
    positions = batch.rows * batch.tokens
    per_token = 6 * model.width + 5 * model.attention_width + 4 * model.inner_width
    if checkpointing:
        numbers = positions * (model.layers * model.width + per_token)
        kept = f"{positions:,} positions × ({model.layers} blocks × {model.width} + {per_token:,} of one block)"
    else:
        numbers = positions * model.layers * per_token
        kept = f"{positions:,} positions × {model.layers} blocks × (6 h + 5 a + 4 i = {per_token:,})"
    scores = batch.rows * batch.scored * model.vocabulary
    weights = round(model.parameters * weight_bytes) + adapter * SINGLE
    parts = [
        MemoryPart(
            "weights",
            weights,
            f"{model.parameters:,} × {weight_bytes} bytes" + (f" + adapter {adapter:,} × {SINGLE}" if adapter else ""),
        ),
        MemoryPart("gradients", model.trainable * SINGLE, f"{model.trainable:,} trained × {SINGLE} bytes"),
        MemoryPart(
            "optimiser",
            model.trainable * SINGLE * _ADAM_MOMENTS,
            f"{model.trainable:,} trained × {_ADAM_MOMENTS} moments of AdamW × {SINGLE} bytes",
        ),
        MemoryPart("activations", numbers * activation_bytes, f"{kept} × {activation_bytes} bytes"),
        MemoryPart(
            "logits",
            scores * _LOGIT_COPIES * SINGLE,
            f"{batch.rows * batch.scored:,} scored positions × {model.vocabulary:,} tokens × {_LOGIT_COPIES} copies "
            f"× {SINGLE} bytes",
        ),
    ]
    if copies:
        parts.append(
            MemoryPart(
                "copies",
                round(copies * model.parameters * weight_bytes),
                f"{copies} × {model.parameters:,} × {weight_bytes} bytes",
            )
        )
    return tuple(parts)
