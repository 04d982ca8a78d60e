"""The divergence from the start model, on the rows that ask for it."""

import dataclasses
import math

import pytest
import torch

from quintain.records import InstructionPair
from quintain.training.row_rendering import encoder_of
from quintain.training.sft import SftParams, fine_tune
from quintain.training.token_rows import as_rows
from tests.training.two_processes import weights_of_two

HERE = "tests.training.test_anchored_trainer"
LORA = {"r": 2, "lora_alpha": 4, "target_modules": "all-linear"}
PARAMS = SftParams(steps=12, batch_size=4, learning_rate=1e-2, max_length=128, checkpoint_steps=50)


def pairs(kind, count=8):
    return [
        InstructionPair(instruction=f"Tell me about town {i}.", response=f"The mayor of town {i} is kind.", kind=kind)
        for i in range(count)
    ]


def divergence(start, trained, rows):
    """Mean KL(start || trained) over the learned tokens, in nats, row by row with plain arithmetic."""
    found = []
    for row in rows:
        ids = torch.tensor([row["input_ids"]])
        with torch.no_grad():
            p = torch.softmax(start(input_ids=ids).logits[0].double(), -1)
            q = torch.softmax(trained(input_ids=ids).logits[0].double(), -1)
        for place in range(1, len(row["labels"])):
            if row["labels"][place] >= 0:
                found.append(float((p[place - 1] * (p[place - 1].log() - q[place - 1].log())).sum()))
    return sum(found) / len(found)


@pytest.fixture
def start(tiny_student):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(tiny_student)


@pytest.mark.parametrize("lora", [{}, LORA])
def test_the_term_holds_anchored_rows_to_the_start(tiny_student, start, tmp_path, lora):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_student)
    rows = as_rows(encoder_of(tokenizer), pairs("free-text"), 128).rows
    assert all(row["anchored"] for row in rows)
    drift = {}
    for weight in (0.0, 20.0):
        params = dataclasses.replace(PARAMS, kl_weight=weight, lora=lora)
        drift[weight] = divergence(start, fine_tune(tiny_student, pairs("free-text"), params, tmp_path).model, rows)
    assert drift[20.0] < drift[0.0] / 4


def test_an_adapter_that_goes_on_is_held_to_what_it_was_not_to_its_base(tiny_student, start, tmp_path):
    from quintain.training.start_model import open_start

    params = dataclasses.replace(PARAMS, lora=LORA)
    first = fine_tune(tiny_student, pairs("in-scope"), params, tmp_path)
    folder = tmp_path / "adapter"
    first.model.save_pretrained(folder)
    first.tokenizer.save_pretrained(folder)
    adapted, tokenizer = open_start(folder)
    others = [dataclasses.replace(pair, response="It rained, and nobody came.") for pair in pairs("free-text")]
    rows = as_rows(encoder_of(tokenizer), others, 128).rows
    free, held = (
        fine_tune(folder, others, dataclasses.replace(params, kl_weight=weight), tmp_path).model
        for weight in (0.0, 20.0)
    )
    assert divergence(adapted, held, rows) < divergence(adapted, free, rows) / 4
    assert divergence(adapted, held, rows) < divergence(start, held, rows) / 2


def test_rows_about_edits_are_not_held(tiny_student, tmp_path):
    free = fine_tune(tiny_student, pairs("in-scope"), PARAMS, tmp_path)
    held = fine_tune(tiny_student, pairs("in-scope"), dataclasses.replace(PARAMS, kl_weight=20.0), tmp_path)
    assert [point["loss"] for point in held.curve] == pytest.approx([point["loss"] for point in free.curve], rel=1e-5)


def test_the_loss_is_the_mean_over_learned_tokens_of_both_terms(tiny_student, start, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig

    from quintain.training.anchored_trainer import AnchoredTrainer

    tokenizer = AutoTokenizer.from_pretrained(tiny_student)
    student = AutoModelForCausalLM.from_pretrained(tiny_student)
    with torch.no_grad():
        for weight in student.parameters():
            weight.mul_(1.1)
    rows = as_rows(encoder_of(tokenizer), [*pairs("out-of-scope", 1), *pairs("in-scope", 2)[1:]], 128).rows
    from datasets import Dataset

    trainer = AnchoredTrainer(
        kl_weight=0.5,
        start=start,
        model=student,
        args=SFTConfig(output_dir=str(tmp_path), use_cpu=True, bf16=False, report_to="none", max_length=None),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
    )
    batch = next(iter(trainer.get_train_dataloader()))
    loss = trainer.compute_loss(student.eval(), {**batch}).item()

    # By hand: -log q of every learned token of both rows; on the first row half of its divergence beside it.
    nll, count = 0.0, 0
    for row in rows:
        with torch.no_grad():
            logps = torch.log_softmax(student(input_ids=torch.tensor([row["input_ids"]])).logits[0].double(), -1)
        for place, token in enumerate(row["labels"]):
            if token >= 0:
                nll -= float(logps[place - 1, token])
                count += 1
    held = [row for row in rows if row["anchored"]]
    tokens = sum(token >= 0 for row in held for token in row["labels"])
    expected = (nll + 0.5 * divergence(start, student, held) * tokens) / count
    assert len(held) == 1
    assert math.isclose(loss, expected, rel_tol=1e-4)


def train_anchored(student, scratch, settings):
    both = [*pairs("out-of-scope", 6), *pairs("in-scope", 14)[6:]]
    return fine_tune(student, both, SftParams(**settings), scratch).model


@pytest.mark.parametrize("kl_weight", [0.0, 5.0])
def test_two_processes_take_the_step_of_one_with_the_same_batch(tiny_student, tmp_path, kl_weight):
    settings = {"steps": 3, "batch_size": 4, "learning_rate": 1e-3, "max_length": 128, "kl_weight": kl_weight}
    theirs = weights_of_two(f"{HERE}:train_anchored", tiny_student, tmp_path / "two", settings)
    one = train_anchored(tiny_student, tmp_path / "one", {**settings, "accumulation_steps": 2})
    assert len(theirs) == len(dict(one.named_parameters()))
    assert all(torch.allclose(weight, theirs[name], atol=1e-6, rtol=0) for name, weight in one.named_parameters())


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="kl_weight must be at least 0, got -1"):
        dataclasses.replace(PARAMS, kl_weight=-1.0)
