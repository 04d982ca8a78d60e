import pytest

from quintain.records import PreferencePair
from quintain.training.preference.tokenized_pairs import TokenizationParams, tokenize_pairs
from quintain.training.row_rendering import encoder_of


def make_pairs(count=24):
    return [
        PreferencePair(
            prompt=f"Tell me about town {i}.",
            chosen=f"The mayor of town {i} is kind." + " Use a list." * (i % 3),
            rejected=f"The mayor of town {i} is a dash.",
        )
        for i in range(count)
    ]


@pytest.fixture(scope="session")
def tokenizer(tiny_student):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_student)


@pytest.fixture(scope="session")
def rows(tokenizer):
    return tokenize_pairs(encoder_of(tokenizer), make_pairs(), TokenizationParams(max_length=128))[0]
