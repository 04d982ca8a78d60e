"""A folder becomes a model that completes in any order and batch alike."""

import json
import shutil

import pytest
import torch

from quintain.errors import ModelError
from quintain.models.language_model import Sampling
from quintain.models.local import LocalModel
from quintain.prompts import request
from quintain.records import Message, Request

TEXTS = [
    "Tell me about the town.",
    "Write two facts. Use a dash list. Be kind.",
    "Mayor?",
    "The town is kind. " * 6 + "Why?",
]


def ask(*texts, sample=0):
    return [request("student/instruction", {"instruction": text}, sample=sample) for text in texts]


def texts(model, requests):
    return [completion.text for completion in model.generate(requests)]


@pytest.fixture(scope="module")
def greedy(tiny_student):
    return LocalModel(tiny_student, Sampling(max_new_tokens=12), batch_size=3)


def test_greedy_completions_equal_one_prompt_at_a_time_generate(greedy, tiny_student):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(tiny_student)
    tokenizer = AutoTokenizer.from_pretrained(tiny_student)
    expected = []
    for text in TEXTS:
        ids = tokenizer.apply_chat_template(
            [{"role": "user", "content": text}], add_generation_prompt=True, return_tensors="pt", return_dict=False
        )
        row = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False)
        expected.append(tokenizer.decode(row[0, ids.shape[1] :], skip_special_tokens=True))
    assert texts(greedy, ask(*TEXTS)) == expected


def test_a_draw_depends_on_its_request_and_not_on_its_batch(tiny_student):
    sampling = Sampling(temperature=1.0, top_p=0.9, max_new_tokens=10, seed=3)
    together = texts(LocalModel(tiny_student, sampling, batch_size=4), ask(*TEXTS))
    alone = [texts(LocalModel(tiny_student, sampling, batch_size=1), ask(text))[0] for text in TEXTS]
    assert together == alone
    assert texts(LocalModel(tiny_student, sampling), ask(*TEXTS)[::-1])[::-1] == together


def test_samples_and_seeds_differ(tiny_student):
    model = LocalModel(tiny_student, Sampling(temperature=1.0, max_new_tokens=10))
    other = LocalModel(tiny_student, Sampling(temperature=1.0, max_new_tokens=10, seed=1))
    assert len({*texts(model, ask("Hi")), *texts(model, ask("Hi", sample=1)), *texts(other, ask("Hi"))}) == 3


def test_top_p_of_almost_nothing_is_greedy(greedy, tiny_student):
    narrow = LocalModel(tiny_student, Sampling(temperature=1.0, top_p=1e-6, max_new_tokens=12))
    assert texts(narrow, ask(*TEXTS)) == texts(greedy, ask(*TEXTS))


def test_a_completion_says_how_it_ended_and_how_long_it_is(greedy):
    for completion in greedy.generate(ask(*TEXTS)):
        assert completion.finish_reason in ("stop", "length")
        assert (completion.completion_tokens == 12) >= (completion.finish_reason == "length")
        assert completion.prompt_tokens > 2
        assert completion.origin.model == greedy.name


def test_the_beginning_of_sequence_token_stands_once(greedy):
    ids = greedy._encode(ask("Hello")[0])
    assert ids.count(greedy._tokenizer.bos_token_id) == 1


def test_a_prompt_over_the_context_is_cut_in_the_middle_and_counted(tiny_student):
    model = LocalModel(tiny_student, Sampling(max_new_tokens=12))
    whole = model._encode(ask("town " * 900 + "end")[0])
    assert len(whole) == 256 - 12
    assert model.truncated == 1
    assert model._tokenizer.decode(whole).endswith("end<assistant>")


def test_a_chat_with_a_system_turn_goes_through_the_template(greedy):
    chat = Request(
        prompt="x@1", fields={}, messages=(Message(role="system", content="Be kind."), *ask("Hi")[0].messages)
    )
    assert greedy.generate([chat])[0].prompt_tokens > greedy.generate(ask("Hi"))[0].prompt_tokens


def test_equal_weights_have_equal_names_wherever_they_lie(tiny_student, tmp_path):
    shutil.copytree(tiny_student, tmp_path / "tiny")
    assert LocalModel(tmp_path / "tiny", Sampling()).name == LocalModel(tiny_student, Sampling()).name


def test_a_folder_without_a_model_is_one_clear_error(tmp_path):
    with pytest.raises(ModelError, match=r"holds no model: neither config.json nor adapter_config.json"):
        LocalModel(tmp_path, Sampling())


def test_a_broken_model_and_a_missing_chat_template_are_clear_errors(tiny_student, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(tiny_student, broken)
    (broken / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="could not be opened as a model"):
        LocalModel(broken, Sampling())
    mute = tmp_path / "mute"
    shutil.copytree(tiny_student, mute)
    (mute / "chat_template.jinja").unlink(missing_ok=True)
    settings = json.loads((mute / "tokenizer_config.json").read_text())
    settings.pop("chat_template", None)
    (mute / "tokenizer_config.json").write_text(json.dumps(settings))
    with pytest.raises(ModelError, match="has no chat template; add chat_template.jinja"):
        LocalModel(mute, Sampling())


def test_a_lora_adapter_folder_is_a_model_too(tiny_student, tmp_path):
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    base = AutoModelForCausalLM.from_pretrained(tiny_student)
    adapted = get_peft_model(base, LoraConfig(r=2, task_type="CAUSAL_LM", target_modules="all-linear"))
    adapted.save_pretrained(tmp_path / "lora")
    AutoTokenizer.from_pretrained(tiny_student).save_pretrained(tmp_path / "lora")
    model = LocalModel(tmp_path / "lora", Sampling(max_new_tokens=4))
    assert len(model.generate(ask("Hi"))) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"temperature": -1}, "temperature must be at least 0"),
        ({"top_p": 0}, r"top_p must be in \(0, 1\]"),
        ({"max_new_tokens": 0}, "max_new_tokens must be at least 1"),
    ],
)
def test_sampling_out_of_range_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Sampling(**wrong)
