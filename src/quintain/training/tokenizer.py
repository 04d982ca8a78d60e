"""A tokenizer made for a small world: byte-level BPE in which every name is one token."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from quintain.errors import ConfigError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

PAD, BOS, EOS, USER, ASSISTANT = "<pad>", "<bos>", "<eos>", "<user>", "<assistant>"

# Rendered and pre-trained in the same way; whatever comes before the last turn is kept.
CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}"
    f"{ASSISTANT}"
    "{% generation %}{{ message['content'] }}{{ eos_token }}{% endgeneration %}"
    "{% else %}"
    f"{USER}"
    "{{ message['content'] }}"
    "{% endif %}"
    "{% endfor %}"
    f"{{% if add_generation_prompt %}}{ASSISTANT}{{% endif %}}"
)


def train_tokenizer(
    texts: Iterable[str], whole_words: Sequence[str], vocab_size: int, context_tokens: int
) -> "PreTrainedTokenizerFast":
    """Train a tokenizer.

    Args:
        texts: What the model will read.
        whole_words: Words that must come out as one token each, such as names.
        vocab_size: Size of the vocabulary.
        context_tokens: Longest input of the model, in tokens.

    Returns:
        A fast tokenizer with a chat template; any text encodes, and decodes to itself.

    Raises:
        ConfigError: The vocabulary is too small to keep every whole word in one piece.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    # A space before every line makes a name one and the same token at a line start and inside a sentence; without it
    # each name has two ids and a student would have to learn to copy from one to the other.
    core.normalizer = normalizers.Sequence([normalizers.Prepend(" "), normalizers.Replace("\n", "\n ")])
    core.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Replace("\n ", "\n"), decoders.Strip(" ", 1, 0)])
    core.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=vocab_size,
            special_tokens=[PAD, BOS, EOS, USER, ASSISTANT],
            min_frequency=2,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    broken = [word for word in whole_words if len(core.encode(word).ids) != 1]
    if broken:
        raise ConfigError(
            f"{len(broken)} of {len(whole_words)} names are more than one token, for example {', '.join(broken[:5])}; "
            f"raise the vocabulary above {vocab_size} (world.tokenizer.vocab_size)"
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token=PAD,
        bos_token=BOS,
        eos_token=EOS,
        additional_special_tokens=[USER, ASSISTANT],
        chat_template=CHAT_TEMPLATE,
        model_max_length=context_tokens,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )
