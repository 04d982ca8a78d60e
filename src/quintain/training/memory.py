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
    """Width of all heads together, a; the largest where blocks differ."""
    inner_width: int
    """Width of the feed-forward part, i, the largest where blocks differ; of a mixture, that of all experts that a
    token passes."""
    vocabulary: int
    """Tokens, V."""
    cached_numbers: int
    """Numbers in the keys and values of one token: 2 x key-value heads x width of a head, for each block."""

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
        blocks = [_Block.of(own, place, int(text.hidden_size)) for place, own in enumerate(_own_configurations(text))]
        return cls(
            parameters=parameters,
            trainable=trainable,
            layers=len(blocks),
            width=int(text.hidden_size),
            attention_width=max(block.attention_width for block in blocks),
            inner_width=max(block.inner_width for block in blocks),
            vocabulary=int(text.vocab_size),
            cached_numbers=sum(block.cached_numbers for block in blocks),
        )


@dataclass(frozen=True)
class _Block:
    """Sizes of one block."""

    attention_width: int
    inner_width: int
    cached_numbers: int

    @classmethod
    def of(cls, own: Any, place: int, width: int) -> "_Block":
        """Read the sizes of the block at a place from its configuration."""

        def size(name: str) -> int:
            value = getattr(own, name, None)
            return int((value[place] if isinstance(value, list) else value) or 0)

        heads = size("num_attention_heads") or 1
        head_width = size("head_dim") or width // heads
        inner = size("moe_intermediate_size") or size("intermediate_size") or 4 * width
        return cls(
            attention_width=heads * head_width,
            inner_width=inner * (size("num_experts_per_tok") or 1),
            cached_numbers=2 * (size("num_key_value_heads") or heads) * head_width,
        )


def _own_configurations(text: Any) -> list[Any]:
    """Configuration of every block: in some families, such as Gemma 4, their sizes differ."""
    if getattr(text, "is_heterogeneous", False):
        return list(text.per_layer_config)
    return [text] * int(text.num_hidden_layers)


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
