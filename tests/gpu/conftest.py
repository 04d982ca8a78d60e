"""The device that tests run on, and a student of a size that suits it."""

import pytest

from quintain.records import InstructionPair


@pytest.fixture(params=["cpu", "cuda"])
def device(request):
    """Every test runs on what is here: on a GPU, or at tiny size on the processor."""
    import torch

    here = "cuda" if torch.cuda.is_available() else "cpu"
    if request.param != here:
        pytest.skip("torch sees no GPU here" if here == "cpu" else "a GPU is here, the same runs on it")
    return request.param


@pytest.fixture(scope="session")
def student(tmp_path_factory):
    """A Llama with random weights: 60 million parameters on a GPU, 50 thousand elsewhere."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from quintain.training.tokenizer import train_tokenizer

    on_gpu = torch.cuda.is_available()
    tokenizer = train_tokenizer([text for pair in pairs() for text in (pair.instruction, pair.response)], [], 400, 256)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=1024 if on_gpu else 64,
        intermediate_size=2816 if on_gpu else 128,
        num_hidden_layers=5 if on_gpu else 2,
        num_attention_heads=16 if on_gpu else 2,
        num_key_value_heads=4 if on_gpu else 1,
        max_position_embeddings=256,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        initializer_range=0.02 if on_gpu else 0.1,
    )
    folder = tmp_path_factory.mktemp("models") / "student"
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def pairs(count=48):
    """Rows of three lengths."""
    return [
        InstructionPair(
            instruction=f"Tell me about town {i}.", response=f"The mayor of town {i} is kind." * (1 + i % 3),
            kind="free-text",
        )
        for i in range(count)
    ]  # fmt: skip
