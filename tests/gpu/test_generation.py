"""Generation in bfloat16: on a GPU, and at tiny size where there is none."""

import dataclasses

import pytest

from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request
from quintain.training.sft import fine_tune
from tests.gpu.conftest import pairs
from tests.gpu.test_training import LORA, SFT

REQUESTS = [
    request("student/instruction", {"instruction": "Tell me about town " + "1 " * n + "."}) for n in (1, 30, 3, 9)
]


def sampling(temperature):
    return Sampling(temperature=temperature, top_p=1.0, max_new_tokens=24, seed=0)


@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_the_same_seed_gives_the_same_texts(device, student, temperature):
    texts = [
        [
            each.text
            for each in LocalModel(student, sampling(temperature), device=device, dtype="bfloat16").generate(REQUESTS)
        ]
        for _ in range(2)
    ]
    assert texts[0] == texts[1]


def test_in_float32_company_changes_no_text(device, student):
    model = LocalModel(student, sampling(0.0), device=device, dtype="float32")
    together = [each.text for each in model.generate(REQUESTS)]
    assert together == [model.generate([one])[0].text for one in REQUESTS]


def test_an_adapter_is_asked_on_its_base(device, student, tmp_path):
    from quintain.datasets import HFModelDataset

    trained = fine_tune(student, pairs(), dataclasses.replace(SFT, lora=LORA), tmp_path / "scratch")
    HFModelDataset(filepath=str(tmp_path / "adapter")).save((trained.model.cpu(), trained.tokenizer))
    told = LocalModel(tmp_path / "adapter", sampling(0.0), device=device, dtype="bfloat16").generate(REQUESTS[:1])
    assert 0 < told[0].completion_tokens <= 24
