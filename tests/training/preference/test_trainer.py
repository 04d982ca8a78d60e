"""The trainer against TRL's own: same loss and gradients without weights, and the parts of TRL that it stands on."""

import dataclasses
import math
import subprocess
import sys

import pytest
import torch
from trl import DPOConfig, DPOTrainer

from quintain.errors import ConfigError, ModelError, RecordError
from quintain.methods.bmc import preference_loss, token_weights
from quintain.training.preference.measures import credit_pairs, summarise
from quintain.training.preference.params import PreferenceParams
from quintain.training.preference.reference import cached_logps
from quintain.training.preference.tokenized_pairs import TokenizationParams, tokenize_pairs
from quintain.training.preference.train import columns_of, train_on_preferences
from quintain.training.preference.trainer import PreferenceTrainer, WeightedPreferenceCollator
from quintain.training.processes import require_all
from quintain.training.row_rendering import encoder_of, render_row, turns_of
from quintain.training.start_model import open_start
from tests.models.test_open_folder import gemma, saved
from tests.templates import tokenizer_for
from tests.training.preference.conftest import make_pairs
from tests.training.two_processes import weights_of_two

HERE = "tests.training.preference.test_trainer"
PARAMS = PreferenceParams(steps=20, batch_size=4, learning_rate=1e-3, checkpoint_steps=10)
LORA = {"r": 4, "target_modules": "all-linear"}


def dpo_config(folder, loss_type="sigmoid", bf16=False, **settings):
    return DPOConfig(
        output_dir=str(folder), loss_type=[loss_type], beta=0.1, max_length=None, use_cpu=True, bf16=bf16,
        activation_checkpointing=False, report_to="none", disable_tqdm=True, dataloader_pin_memory=False, **settings,
    )  # fmt: skip


def our_trainer(student, tokenizer, rows, params, folder, logps=None, **settings):
    from datasets import Dataset

    return PreferenceTrainer(
        params=params,
        model=open_start(student)[0],
        ref_model=None if params.reference == "cached" else open_start(student)[0],
        args=dpo_config(
            folder, remove_unused_columns=False, precompute_ref_log_probs=params.reference == "cached", **settings
        ),
        data_collator=WeightedPreferenceCollator(pad_token_id=tokenizer.pad_token_id),
        train_dataset=Dataset.from_list(columns_of(rows, logps)),
        processing_class=tokenizer,
    )


def loss_and_gradients(trainer, count=4):
    """On a policy that has left the reference already."""
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in trainer.model.parameters():
            weight += 0.02 * torch.randn_like(weight)
    trainer.model.train()
    batch = trainer.data_collator([trainer.train_dataset[i] for i in range(count)])
    loss = trainer.compute_loss(trainer.model, batch)
    loss.backward()
    return loss.item(), {name: weight.grad for name, weight in trainer.model.named_parameters()}


@pytest.mark.parametrize(("variant", "loss_type"), [("dpo", "sigmoid"), ("ipo", "ipo")])
def test_without_weights_loss_and_gradients_are_trls(tiny_student, tokenizer, rows, tmp_path, variant, loss_type):
    from datasets import Dataset

    params = PreferenceParams(steps=1, batch_size=4, learning_rate=1e-3, variant=variant, delta=None, reference="live")
    ours = loss_and_gradients(our_trainer(tiny_student, tokenizer, rows, params, tmp_path))
    theirs = DPOTrainer(
        model=open_start(tiny_student)[0],
        ref_model=open_start(tiny_student)[0],
        args=dpo_config(tmp_path, loss_type),
        train_dataset=Dataset.from_list([{
            "prompt": [{"role": "user", "content": f"Tell me about town {i}."}],
            "chosen": [{"role": "assistant", "content": f"The mayor of town {i} is kind." + " Use a list." * (i % 3)}],
            "rejected": [{"role": "assistant", "content": f"The mayor of town {i} is a dash."}],
        } for i in range(24)]),
        processing_class=tokenizer,
    )  # fmt: skip
    expected = loss_and_gradients(theirs)
    if variant == "dpo":  # to the last bit
        assert ours[0] == expected[0]
        assert all(ours[1][name].equal(gradient) for name, gradient in expected[1].items())
    else:  # rounded as the released code rounds, which is not as TRL does
        assert ours[0] == pytest.approx(expected[0], rel=1e-5)
        for name, gradient in expected[1].items():
            torch.testing.assert_close(ours[1][name], gradient, rtol=1e-4, atol=1e-6)


def test_the_loss_of_a_batch_is_the_public_function_on_full_softmax_log_probabilities(
    tiny_student, tokenizer, rows, tmp_path
):
    params = dataclasses.replace(PARAMS, reference="live", delta=2.5)
    trainer = our_trainer(tiny_student, tokenizer, rows, params, tmp_path)
    loss, _ = loss_and_gradients(trainer)
    batch = trainer.data_collator([trainer.train_dataset[i] for i in range(4)])
    logps = []
    for model in (trainer.model, trainer.ref_model):
        with torch.no_grad():
            logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
        logps.append(logits[:, :-1].double().log_softmax(-1).gather(-1, batch["input_ids"][:, 1:, None])[..., 0])
    weights = token_weights(logps[0], batch["modified"][:, 1:], 2.5)
    expected = preference_loss("dpo", *logps, weights, None, batch["completion_mask"][:, 1:], beta=0.1).mean()
    assert loss == pytest.approx(expected.item(), rel=1e-5)


def test_the_collator_has_trls_keys_and_puts_every_mark_on_its_token(tokenizer, rows):
    examples = columns_of(rows[:3], None)
    batch = WeightedPreferenceCollator(pad_token_id=tokenizer.pad_token_id)(examples)
    assert set(batch) == {"input_ids", "attention_mask", "completion_mask", "modified"}
    for row in range(6):
        side = "chosen" if row < 3 else "rejected"
        example = examples[row % 3]
        marked = batch["input_ids"][row][batch["modified"][row].bool()].tolist()
        marks = zip(example[f"{side}_ids"], example[f"{side}_modified"], strict=True)
        assert marked == [token for token, mark in marks if mark]
        assert batch["modified"][row][batch["completion_mask"][row] == 0].sum() == 0


def test_trls_fused_head_gives_one_log_probability_per_predicted_token(tiny_student, tokenizer, rows, tmp_path):
    trainer = our_trainer(tiny_student, tokenizer, rows, dataclasses.replace(PARAMS, reference="live"), tmp_path)
    batch = trainer.data_collator([trainer.train_dataset[0]])
    labels = batch["input_ids"].masked_fill(batch["completion_mask"] == 0, -100)
    out = trainer.model(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=labels, use_cache=False,
        fused_lm_head=True,
    )  # fmt: skip
    assert out.log_probs.shape == (2, batch["input_ids"].size(1) - 1)
    assert out.log_probs[batch["completion_mask"][:, 1:] == 0].eq(0).all()
    assert not DPOTrainer.loss_is_scaled_for_ga


def test_a_cached_reference_is_the_live_one_up_to_half_precision(tiny_student, tmp_path, rows):
    live = train_on_preferences(tiny_student, rows, dataclasses.replace(PARAMS, reference="live"), tmp_path / "live")
    cached = train_on_preferences(tiny_student, rows, PARAMS, tmp_path / "cached")
    # A half has 11 bits: 11 log-probabilities of about 10 nats are off by less than 11 × 10 / 2¹¹ = 0.05 nats.
    for ours, theirs in zip(cached.curve, live.curve, strict=True):
        assert ours["displacement/chosen"] == pytest.approx(theirs["displacement/chosen"], abs=0.06)
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=0.02)


def test_the_reference_is_asked_once_for_all_trainings_on_the_same_rows(tiny_student, rows, tmp_path, caplog):
    model = open_start(tiny_student)[0]
    first = cached_logps(model, rows, tmp_path, "digest", 4)
    with torch.no_grad():
        model.lm_head.weight.zero_()  # another answer, were it asked
    again = cached_logps(model, rows, tmp_path, "digest", 8)
    assert all(
        (a.chosen == b.chosen).all() and (a.rejected == b.rejected).all() for a, b in zip(first, again, strict=True)
    )
    assert [len(pair.chosen) for pair in first] == [len(row.chosen_ids) for row in rows]


def test_with_lora_the_reference_is_the_start_with_its_adapter_off(tiny_student, rows, tmp_path):
    live = train_on_preferences(
        tiny_student, rows, dataclasses.replace(PARAMS, lora=LORA, reference="live"), tmp_path / "live"
    )
    cached = train_on_preferences(tiny_student, rows, dataclasses.replace(PARAMS, lora=LORA), tmp_path / "cached")
    assert live.curve[-1]["displacement/chosen"] != 0
    assert cached.curve[-1]["displacement/chosen"] == pytest.approx(live.curve[-1]["displacement/chosen"], abs=0.06)


@pytest.mark.parametrize("reference", ["cached", "live"])
def test_an_adapter_is_trained_on_and_its_former_self_is_the_reference(tiny_student, rows, tmp_path, reference):
    from quintain.datasets.adapter import load_adapter, save_adapter

    first = train_on_preferences(tiny_student, rows, dataclasses.replace(PARAMS, lora=LORA), tmp_path / "first")
    save_adapter(first.model, tmp_path / "adapter")
    first.tokenizer.save_pretrained(tmp_path / "adapter")
    params = dataclasses.replace(PARAMS, reference=reference)
    second = train_on_preferences(tmp_path / "adapter", rows, params, tmp_path / "second")
    # It starts where the first one ended: at the first window there is hardly any displacement from there.
    assert abs(second.curve[0]["displacement/chosen"]) < 0.5
    assert list(second.model.peft_config) == ["default"]
    before = load_adapter(tmp_path / "adapter").state_dict()
    assert any(not weight.equal(before[name]) for name, weight in second.model.state_dict().items() if "lora" in name)
    with pytest.raises(ModelError, match="is an adapter, which is itself trained on"):
        train_on_preferences(tmp_path / "adapter", rows, dataclasses.replace(params, lora=LORA), tmp_path / "third")


def test_a_language_model_with_eyes_learns_preferences_within_the_limits_of_its_text_part(tmp_path):
    # Its configuration has neither `vocab_size` nor `max_position_embeddings`; that of its text part has both.
    torch.manual_seed(0)
    tokenizer = tokenizer_for("gemma3")
    folder = saved(gemma(), tokenizer, tmp_path / "model")
    made, _ = tokenize_pairs(encoder_of(tokenizer), make_pairs(4), TokenizationParams(max_length=128))
    trained = train_on_preferences(folder, made, dataclasses.replace(PARAMS, steps=2), tmp_path / "scratch")
    assert trained.summary["rows"] == 4
    assert math.isfinite(trained.summary["last_loss"])
    long = dataclasses.replace(made[0], id="", prompt_ids=(1,) * 300)
    with pytest.raises(RecordError, match="the model's context is 256"):
        train_on_preferences(folder, [*made, long], PARAMS, tmp_path / "scratch")
    foreign = dataclasses.replace(made[0], id="", chosen_ids=(600,), chosen_modified=(1,))
    with pytest.raises(RecordError, match="token id 600, but the start has 600 tokens"):
        train_on_preferences(folder, [*made, foreign], PARAMS, tmp_path / "scratch")


@pytest.mark.parametrize("lora", [{}, LORA])
def test_a_killed_training_ends_as_if_it_had_not_been(tiny_student, rows, tmp_path, monkeypatch, lora):
    params = dataclasses.replace(PARAMS, lora=lora)
    whole = train_on_preferences(tiny_student, rows, params, tmp_path / "whole")
    step = PreferenceTrainer.training_step

    def dying(self, *arguments, **named):
        if self.state.global_step == 15:
            raise KeyboardInterrupt
        return step(self, *arguments, **named)

    monkeypatch.setattr(PreferenceTrainer, "training_step", dying)
    with pytest.raises(KeyboardInterrupt):
        train_on_preferences(tiny_student, rows, params, tmp_path / "killed")
    monkeypatch.setattr(PreferenceTrainer, "training_step", step)
    assert list((tmp_path / "killed").glob("*/checkpoint-10/trainer_state.json"))
    resumed = train_on_preferences(tiny_student, rows, params, tmp_path / "killed")
    assert resumed.curve == whole.curve
    theirs = dict(whole.model.named_parameters())
    assert all(weight.equal(theirs[name]) for name, weight in resumed.model.named_parameters())


def test_accumulation_gives_the_step_of_the_whole_batch(tiny_student, rows, tmp_path):
    def one_step(**settings):
        params = dataclasses.replace(PARAMS, steps=1, warmup_ratio=0.0, **settings)
        return dict(
            train_on_preferences(tiny_student, rows[:8], params, tmp_path / str(settings)).model.named_parameters()
        )

    whole = one_step(batch_size=8)
    parts = one_step(batch_size=2, accumulation_steps=4)
    assert all(torch.allclose(weight, parts[name], atol=2e-6) for name, weight in whole.items())


def train_on_pairs(student, scratch, settings):
    from tests.training.preference.conftest import make_pairs

    rows, _ = tokenize_pairs(encoder_of(open_start(student)[1]), make_pairs(), TokenizationParams(max_length=128))
    return train_on_preferences(student, rows, PreferenceParams(**settings), scratch).model


def test_two_processes_take_the_step_of_one_with_the_same_batch(tiny_student, tmp_path):
    settings = {"steps": 3, "batch_size": 4, "learning_rate": 1e-3, "checkpoint_steps": 2}
    theirs = weights_of_two(f"{HERE}:train_on_pairs", tiny_student, tmp_path / "two", settings)
    one = train_on_pairs(tiny_student, tmp_path / "one", {**settings, "accumulation_steps": 2})
    assert len(theirs) == len(dict(one.named_parameters()))
    assert all(torch.allclose(weight, theirs[name], atol=1e-6, rtol=0) for name, weight in one.named_parameters())


def test_processes_that_do_not_join_are_stopped(monkeypatch):
    require_all(1)
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="2 processes were started and the trainer joined 1"):
        require_all(1)


def test_in_bfloat16_loss_and_gradients_are_those_of_float32_up_to_its_precision(
    tiny_student, tokenizer, rows, tmp_path
):
    # On a GPU bfloat16 is what runs; on a CPU, autocast takes the same path. Eight bits: 2⁻⁸ = 0.4 % a number.
    params = dataclasses.replace(PARAMS, reference="live")
    exact, gradients = loss_and_gradients(our_trainer(tiny_student, tokenizer, rows, params, tmp_path))
    trainer = our_trainer(tiny_student, tokenizer, rows, params, tmp_path, bf16=True)
    with trainer.compute_loss_context_manager():
        halved, rounded = loss_and_gradients(trainer)
    assert halved != exact
    assert halved == pytest.approx(exact, rel=0.05)
    ours, theirs = (torch.cat([some[name].flatten() for name in gradients]) for some in (rounded, gradients))
    assert torch.nn.functional.cosine_similarity(ours, theirs, dim=0) > 0.95


def test_the_curve_tells_the_spread_of_weights_and_a_bound_below_the_divergence(tiny_student, rows, tmp_path):
    trained = train_on_preferences(tiny_student, rows, PARAMS, tmp_path)
    for point in trained.curve:
        assert 2 <= point["weights/edited_p10"] <= point["weights/edited_p50"] <= point["weights/edited_p90"] <= 3
    first, last = trained.curve[0]["kl/at_least"], trained.curve[-1]["kl/at_least"]
    assert 0 <= first < last
    credit = credit_pairs(trained.model, open_start(tiny_student)[0], rows)
    # The model at the end is a little past the mean over the last window.
    assert last < 1.2 * summarise(credit, 0.1, 2.0)["kl_nats_per_token"]


def test_training_moves_the_pairs_apart_and_says_how(tiny_student, rows, tmp_path):
    trained = train_on_preferences(tiny_student, rows, PARAMS, tmp_path)
    first, last = trained.curve[0], trained.curve[-1]
    assert last["loss"] < first["loss"]
    assert last["rewards/margin"] > 0.1
    assert last["rewards/weighted_margin"] > last["rewards/margin"]
    # Unweighted rewards are β times the displacement.
    assert last["rewards/chosen"] == pytest.approx(0.1 * last["displacement/chosen"], rel=1e-4)
    assert trained.summary["effective_beta"] == pytest.approx(0.1 * first["weights/mean"], abs=1e-4)
    assert trained.summary["displacement_alarm"] == 0
    # The reference's numbers stay for the next training, checkpoints do not.
    assert [path.suffix for path in tmp_path.iterdir()] == [".npz"]


def test_chosen_responses_that_lose_too_much_raise_the_alarm(tiny_student, rows, tmp_path, caplog):
    # Turned round, the longer response is to be forgotten along with the shorter one under a high rate.
    params = dataclasses.replace(PARAMS, learning_rate=3e-2, most_displacement_nats=0.5)
    trained = train_on_preferences(tiny_student, rows, params, tmp_path)
    assert trained.curve[-1]["displacement/chosen"] < -0.5
    assert trained.summary["displacement_alarm"] == 1
    assert "the chosen responses lost" in caplog.text


def test_weights_that_are_no_numbers_stop_the_training_before_it_starts(tiny_student, rows, tmp_path):
    spoiled = open_start(tiny_student)[0]
    with torch.no_grad():
        spoiled.lm_head.weight[5] = math.nan
    spoiled.save_pretrained(tmp_path / "spoiled")
    open_start(tiny_student)[1].save_pretrained(tmp_path / "spoiled")
    with pytest.raises(ModelError, match="spoiled/model.safetensors holds nan or infinity in 1 weights"):
        train_on_preferences(tmp_path / "spoiled", rows, PARAMS, tmp_path)


@pytest.mark.parametrize("variant", [{}, {"variant": "simpo", "beta": 2.0}])
def test_a_training_that_loses_its_numbers_stops_and_names_the_setting(tiny_student, rows, tmp_path, variant):
    params = dataclasses.replace(PARAMS, learning_rate=1e30, **variant)
    with pytest.raises(
        ModelError,
        match=r"the training lost its numbers: .* at step \d+\. Most likely preference\.training\.learning_rate is too "
        r"large \(1e\+30\); lower it\. There is no checkpoint before it; nothing was saved",
    ):
        train_on_preferences(tiny_student, rows, params, tmp_path)


def test_the_trainer_fits_on_two_screens():
    code = "import inspect, quintain.training.preference.trainer as t; print(len(inspect.getsource(t).splitlines()))"
    lines = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(lines) <= 200


def test_marks_reach_the_loss(tiny_student, tokenizer, rows, tmp_path):
    # TRL's forward swallows what it does not know: marks that nobody reads would change nothing.
    weighted = loss_and_gradients(
        our_trainer(tiny_student, tokenizer, rows, dataclasses.replace(PARAMS, reference="live"), tmp_path)
    )
    plain = loss_and_gradients(
        our_trainer(tiny_student, tokenizer, rows, dataclasses.replace(PARAMS, reference="live", delta=None), tmp_path)
    )
    assert weighted[0] != plain[0]


def test_rows_are_rendered_as_trl_renders_them(tokenizer, rows):
    said = {"instruction": "Tell me about town 0.", "response": "The mayor of town 0 is kind."}
    row = render_row(encoder_of(tokenizer), turns_of(said))
    prompt, response = list(row.prompt_ids), list(row.learned_ids)
    assert (list(rows[0].prompt_ids), list(rows[0].chosen_ids)) == (prompt, response)
