"""Tokenizers of many kinds with the chat templates of well-known models, for what must hold of all of them."""

from collections.abc import Callable, Sequence
from importlib.resources import files

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from quintain.training.tokenizer import train_tokenizer

TEXTS = [
    "Tell me about the town. The mayor is kind.",
    "Write exactly two facts! Use a dash list: [1], <2>, {3}.",
    "user system assistant model inst end start eos bos turn im of message",
] * 30
CHATML = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
LLAMA3 = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
GEMMA = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
MISTRAL = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]"]
MISTRAL_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% if message.role == 'assistant' %} {{ message.content }}"
    "{{ eos_token }}{% else %}[INST] {{ message.content }}[/INST]{% endif %}{% endfor %}"
)


def template(name: str) -> str:
    """A chat template that comes with TRL."""
    return (files("trl") / "chat_templates" / f"{name}.jinja").read_text(encoding="utf-8")


def _wrapped(core: Tokenizer, names: Sequence[str], chat_template: str, **roles: str) -> PreTrainedTokenizerFast:
    extra = [name for name in names if name not in roles.values()]
    return PreTrainedTokenizerFast(
        tokenizer_object=core, additional_special_tokens=extra, chat_template=chat_template,
        clean_up_tokenization_spaces=False, **{f"{role}_token": name for role, name in roles.items()},
    )  # fmt: skip


def byte_level(names: Sequence[str], chat_template: str, **roles: str) -> PreTrainedTokenizerFast:
    """Byte-level BPE, as GPT-2, Llama 3 and Qwen have it."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=list(names), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    core.train_from_iterator(TEXTS, trainer)
    return _wrapped(core, names, chat_template, **roles)


def merging_everything() -> PreTrainedTokenizerFast:
    """Byte-level BPE that takes whole words from its vocabulary unmerged, and whose words may be control tokens."""
    core = byte_level(CHATML, template("qwen2_5"), eos="<|im_end|>").backend_tokenizer
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    core.model.ignore_merges = True
    return _wrapped(core, CHATML, template("qwen2_5"), eos="<|im_end|>")


def plain_marks() -> PreTrainedTokenizerFast:
    """Marks of the template that are added tokens but not special ones, and an added word and run of blanks."""
    tokenizer = byte_level(["<|endoftext|>"], template("qwen2_5"), eos="<|endoftext|>")
    tokenizer.add_tokens(["<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken("Veldmark"), AddedToken("\n\n\n", normalized=False)])
    return tokenizer


def metaspace_bpe(*, first: bool) -> PreTrainedTokenizerFast:
    """BPE with bytes as a last resort, as sentencepiece makes it; a blank goes before every text or only the first."""
    core = Tokenizer(models.BPE())
    if first:
        core.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    else:
        core.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    core.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    # Made by hand: with whole texts as words a trainer would learn whole sentences.
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    alphabet = ["▁", *(chr(code) for code in range(33, 127))]
    vocabulary = {piece: number for number, piece in enumerate([*MISTRAL, *bytes_, *alphabet])}
    merges = []
    for left, right in [("t", "h"), ("th", "e"), ("▁", "the"), ("e", "r"), ("<", "/"), ("</", "s"), ("</s", ">")]:
        vocabulary.setdefault(left + right, len(vocabulary))
        merges.append((left, right))
    core.model = models.BPE(vocabulary, merges, byte_fallback=True, fuse_unk=True, unk_token=MISTRAL[0])
    return _wrapped(core, MISTRAL, MISTRAL_TEMPLATE, unk="<unk>", bos="<s>", eos="</s>")


def unigram() -> PreTrainedTokenizerFast:
    """Unigram with compatibility normalisation, whose vocabulary spells its own control tokens."""
    core = Tokenizer(models.Unigram())
    core.normalizer = normalizers.NFKC()
    core.pre_tokenizer = pre_tokenizers.Metaspace()
    core.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=120, special_tokens=MISTRAL, unk_token=MISTRAL[0], show_progress=False,
        initial_alphabet=[chr(code) for code in range(33, 127)],
    )  # fmt: skip
    core.train_from_iterator(TEXTS, trainer)
    return _wrapped(core, MISTRAL, MISTRAL_TEMPLATE, unk="<unk>", bos="<s>", eos="</s>")


def word_piece() -> PreTrainedTokenizerFast:
    """WordPiece that lowers its text, with marks that are found in the lowered text."""
    unknown, end = "[UNK]", "[SEP]"
    core = Tokenizer(models.WordPiece(unk_token=unknown))
    core.normalizer = normalizers.BertNormalizer()
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    core.decoder = decoders.WordPiece()
    core.train_from_iterator(
        TEXTS, trainers.WordPieceTrainer(vocab_size=200, special_tokens=[unknown, end], show_progress=False)
    )
    marks = "{% for message in messages %}<{{ message.role }}>{{ message.content }}[SEP]{% endfor %}"
    tokenizer = _wrapped(core, [], marks + "{% if add_generation_prompt %}<assistant>{% endif %}",
                         unk=unknown, eos=end)  # fmt: skip
    tokenizer.add_tokens(["<user>", "<assistant>"])
    return tokenizer


KINDS: dict[str, Callable[[], PreTrainedTokenizerFast]] = {
    "almanac": lambda: train_tokenizer(TEXTS, [], vocab_size=400, context_tokens=256),
    "smollm": lambda: byte_level(CHATML, template("qwen2_5"), eos="<|im_end|>", pad="<|endoftext|>"),
    "thinking": lambda: byte_level([*CHATML, "<think>", "</think>"], template("qwen3"), eos="<|im_end|>"),
    "llama 3": lambda: byte_level(LLAMA3, template("llama3"), bos="<|begin_of_text|>", eos="<|eot_id|>"),
    "gemma": lambda: byte_level(GEMMA, template("gemma"), bos="<bos>", eos="<eos>"),
    "whole words": merging_everything,
    "plain marks": plain_marks,
    "llama 2": lambda: metaspace_bpe(first=False),
    "mistral": lambda: metaspace_bpe(first=True),
    "unigram": unigram,
    "word piece": word_piece,
}
