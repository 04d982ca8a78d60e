"""A disk that fills up, without root and without a disk."""

import resource
from contextlib import contextmanager

import pytest

PAD, UNKNOWN = "<pad>", "<unk>"


@pytest.fixture
def full_disk():
    """Let no file of this process grow beyond a size; writing on fails as it does on a full disk."""

    @contextmanager
    def at(n_bytes):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return at


@pytest.fixture(scope="session")
def tiny_pair():
    """A model of some hundred weights and its tokenizer."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = {PAD: 0, UNKNOWN: 1, "harbour": 2, "ship": 3}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    return (
        LlamaForCausalLM(LlamaConfig(vocab_size=len(words), **sizes)),
        PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=PAD, unk_token=UNKNOWN),
    )
