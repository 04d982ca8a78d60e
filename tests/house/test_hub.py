"""`kedro run --env hub`: a student and a teacher from elsewhere, from web pages to the registry."""

import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from mlflow import MlflowClient

from quintain.cli.new import lay_out
from quintain.datasets.model_ref import model_ref
from quintain.edit_memory import EditMemory
from quintain.methods.lte import HashedNgrams
from quintain.records import RawPage
from quintain.web import write_warc
from tests.endpoint_server import EndpointServer, said

PLACES = "harbour mill library station orchard theatre lighthouse market bakery bridge museum quarry garden chapel inn"
ADJECTIVES = (
    "old green quiet narrow famous broken northern wooden silver early distant crowded plain warm hidden".split()
)
NOUNS = "river winter carpenter ship window teacher road letter roof song island clock farmer stone lamp field".split()
VERBS = "opened painted carried found repaired sold visited counted drew guarded moved remembered".split()
KEY = "sk-planted-0123456789"


def page(place: str) -> RawPage:
    rng = random.Random(place)

    def sentence() -> str:
        a, b, c = rng.sample(NOUNS, 3)
        return (
            f"In {rng.randint(1500, 1999)} the {rng.choice(ADJECTIVES)} {a} and the {b} of the {place} "
            f"{rng.choice(VERBS)} a {rng.choice(ADJECTIVES)} {c}, with {rng.randint(2, 90)} others."
        )

    paragraphs = "".join(f"<p>{' '.join(sentence() for _ in range(3))}</p>" for _ in range(3))
    html = f"<html lang='en'><head><title>The {place}</title></head><body><article>{paragraphs}</article></body></html>"
    return RawPage(url=f"https://example.org/{place}", html=html.encode())


def edit(number: int, name: str) -> dict:
    """A row of KnowEdit's: somebody has another trade."""
    trade, former = ("baker", "mason") if number % 2 else ("mason", "baker")
    return {
        "subject": name,
        "prompt": f"The trade of {name} is",
        "target_new": former if number == 0 else trade,  # the first one changes nothing
        "ground_truth": [former],
        "rephrase_prompt": f"What is the trade of {name}?",
        "portability": {"Reasoning": [{"prompt": f"What does {name} carry to work?", "ground_truth": "tools"}]},
        "locality": {"Relation_Specificity": [{"prompt": f"The home of {name} is", "ground_truth": ["Veldmark"]}]},
    }


def teacher(call):
    """A teacher that reads what it is shown and says something about it; a referee that looks for the place."""
    if "<assistant-1>" in call.prompt:
        shown = re.findall(r"<(instruction|assistant-\d)>\n(.*?)\n</", call.prompt, re.DOTALL)
        (_, instruction), *responses = shown
        about = next(place for place in PLACES.split() if f"the {place}" in instruction)
        scores = [9 if f"the {about}" in response.lower() else 2 for _, response in responses]
        return said("Reasons.\nAssistant 1: {}\nAssistant 2: {}".format(*scores))
    if "<given>" in call.prompt:
        rng = random.Random(call.body["seed"])
        a, b, c = rng.sample(NOUNS, 3)
        return said(f"Explain why the {rng.choice(PLACES.split())} {rng.choice(VERBS)} its {a}, a {b} and {c} first.")
    place = next((place for place in PLACES.split() if f"the {place}" in call.prompt), "town")
    if "Who most likely wrote it" in call.prompt:
        return said("A local guide who writes for visitors.")
    if re.search(r"Give the \w+ alone", call.prompt):
        return said(f"List what a visitor should know about the {place}, in three short points with dates.")
    if "<response>" in call.prompt:
        return said(f"The {place} was opened long ago, and whoever visits it finds clocks, lamps and a garden.")
    if worse := re.search(r"<worse>\n(.+)\n</worse>", call.prompt, re.DOTALL):
        return said(worse[1].replace(" the ", " this ", 1))
    if "FIRST, SECOND or EQUAL" in call.prompt:
        return said("EQUAL")
    steps = call.body["seed"] % 997 + 2
    return said(f"The {place} has a long story: farmers moved its {steps} stones there in the winter, one by one.")


@pytest.fixture(scope="module")
def foreign_student(tmp_path_factory) -> Path:
    """Qwen2 in small, with random weights, a tokenizer and a chat template of its own."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=500, special_tokens=marks, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator([page(place).html.decode() for place in PLACES.split()], trainer)
    tokens = dict(
        zip(("pad_token", "additional_special_tokens", "eos_token"), (marks[0], [marks[1]], marks[2]), strict=True)
    )
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **tokens)
    fast.chat_template = (
        "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(fast), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=1024, eos_token_id=fast.eos_token_id,
        pad_token_id=fast.pad_token_id, bos_token_id=None,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("elsewhere") / "qwen-tiny"
    Qwen2ForCausalLM(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory, foreign_student):
    root = tmp_path_factory.mktemp("hub") / "mine"
    lay_out(root)
    (root / "data/01_raw/pages").mkdir()
    seeds = [{"text": f"What do people like about the {place}, and since when?"} for place in PLACES.split()]
    (root / "data/01_raw/seeds.jsonl").write_text("".join(json.dumps(seed) + "\n" for seed in seeds))
    people = [edit(number, f"Ada {noun.title()}") for number, noun in enumerate(NOUNS)]
    (root / "data/01_raw/edits.json").write_text(json.dumps(people))
    write_warc([page(place) for place in PLACES.split()], root / "data/01_raw/pages/a.warc.gz")
    return root


@pytest.fixture(scope="module")
def ran(project, foreign_student, newcomer_env):
    """The run, a second one, and what the teacher was asked in each."""
    with EndpointServer(teacher) as server:
        endpoint = {
            "address": server.address, "model": "teacher-1", "key_env": "TEACHER_KEY", "concurrency": 8,
            "price": {"input": 1.0, "output": 2.0}, "budget": {"calls": 500},
        }  # fmt: skip
        settings = {
            "student": {"source": str(foreign_student), "revision": ""},
            "adapter": {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"},
            "pages": "data/01_raw/pages",
            "seeds": "data/01_raw/seeds.jsonl",
            "edits": "data/01_raw/edits.json",
            "teacher": endpoint,
            "judge": endpoint,
            "pack": 1,
            "held_out": [],
        }
        (project / "conf/hub/globals.yml").write_text(yaml.safe_dump(settings))
        small = (
            "finetuning.sft.steps=4,finetuning.sft.batch_size=2,finetuning.sft.accumulation_steps=1,"
            "finetuning.sft.max_length=1024,distillation.rounds=1,distillation.method.per_round=4,"
            "distillation.method.probe_size=4,distillation.method.controls=4,distillation.student.max_new_tokens=8,"
            "distillation.imitation.steps=2,distillation.imitation.batch_size=2,"
            "distillation.imitation.accumulation_steps=1,evaluation.by_benchmark.core.sampling.max_new_tokens=8,"
            # A student of random weights never ends a response, so the pairs are those that synthesis left.
            "evaluation.resampling.replicates=50,preference.losers.source=given,preference.rows.max_length=1024,"
            "preference.pairs.fewest_prompts=2,"
            "preference.training.steps=2,preference.training.batch_size=2,preference.training.accumulation_steps=1,"
            "editing.edits.train=8,editing.edits.test=3,editing.rows.free_text=6,editing.labels.by=teacher,"
            "editing.sft.steps=2,editing.sft.batch_size=2,editing.sft.accumulation_steps=1,editing.sft.max_length=1024,"
            "editing.evaluation.trials.asked=2,editing.evaluation.sampling.max_new_tokens=8,"
            "editing.evaluation.fluency.cases=0,editing.evaluation.resampling.replicates=50"
        )
        runs = []
        for _ in range(2):
            asked = len(server.calls)
            done = subprocess.run(
                [sys.executable, "-m", "kedro", "run", "--env", "hub", "--params", small],
                cwd=project, env=newcomer_env | {"TEACHER_KEY": KEY, "OMP_NUM_THREADS": "1"},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            runs.append((done, len(server.calls) - asked))
        headers = {call.headers.get("authorization") for call in server.calls}
    return runs, headers


def test_a_plain_run_goes_from_pages_to_registered_students(ran, project, foreign_student):
    (first, _), _ = ran[0]
    assert first.returncode == 0, first.stdout[-3000:] + first.stderr[-3000:]
    registered = {
        student: json.loads((project / f"data/08_reporting/{student}/registration.json").read_text())
        for student in ("base", "webr", "lion_round_1", "lion", "bmc", "lte")
    }
    assert [int(one["version"]) for one in registered.values()] == [1, 2, 3, 4, 5, 6]
    assert registered["base"]["digest"] == model_ref(foreign_student).digest
    assert not (project / "data/01_raw/world.json").exists()


def test_the_student_is_an_adapter_tied_to_the_model_it_was_trained_on(ran, project, foreign_student):
    note = json.loads((project / "data/06_models/webr/base_model.json").read_text())
    assert note["digest"] == model_ref(foreign_student).digest
    training = json.loads((project / "data/08_reporting/webr/training.json").read_text())
    assert training["start_digest"] == note["digest"]


def test_preference_training_goes_on_with_the_students_adapter(ran, project, foreign_student):
    notes = [json.loads((project / f"data/06_models/{name}/base_model.json").read_text()) for name in ("webr", "bmc")]
    assert [note["digest"] for note in notes] == [model_ref(foreign_student).digest] * 2
    report = json.loads((project / "data/08_reporting/bmc/pairs.json").read_text())
    assert report["edit_distance"]["after_mean"] < report["edit_distance"]["before_mean"]
    bridged = [
        json.loads(line) for line in (project / "data/03_primary/bmc/bridged_pairs.jsonl").read_text().splitlines()
    ]
    assert {pair["origin"]["model"].partition(":")[0] for pair in bridged} == {"openai"}


def test_an_adapter_is_registered_with_its_base_and_the_run_that_made_it_and_loads_by_alias(
    ran, project, foreign_student, newcomer_env
):
    uri = f"sqlite:///{project / 'mlflow.db'}"
    client = MlflowClient(uri, uri)
    version = client.get_model_version("quintain-student", "2")
    digest = model_ref(project / "data/06_models/webr").digest
    assert (version.tags["student"], version.tags["model.digest"]) == ("webr", digest)
    assert version.tags["base.digest"] == model_ref(foreign_student).digest
    runs = client.search_runs(
        [client.get_experiment_by_name("quintain").experiment_id], f"tags.`made.webr` = '{digest}'"
    )
    assert all("webr" in run.data.tags["makes"].split() for run in runs)
    assert [run.info.run_id for run in runs if run.info.run_id in version.description]
    program = (
        "import sys, mlflow; mlflow.set_tracking_uri(sys.argv[1]);"
        "print(len(mlflow.pyfunc.load_model('models:/quintain-student/2').predict(['Name a mill.'])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, uri], cwd=project, env=newcomer_env, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "1", done.stderr


def test_edits_of_a_file_are_learned_by_the_adapter_and_kept_in_a_memory(ran, project):
    notes = [json.loads((project / f"data/06_models/{name}/base_model.json").read_text()) for name in ("bmc", "lte")]
    assert notes[0]["digest"] == notes[1]["digest"]
    dropped = (project / "data/03_primary/lte/dropped_edits.jsonl").read_text().splitlines()
    assert [(json.loads(line)["reason"], json.loads(line)["where"]) for line in dropped] == [("no-op", "edits:0")]
    with EditMemory.open(project / "data/06_models/lte_memory", HashedNgrams()) as memory:
        assert len(memory) == 3
    rows = [json.loads(line) for line in (project / "data/05_model_input/lte/edit_rows.jsonl").read_text().splitlines()]
    assert {row["kind"] for row in rows} == {"in-scope", "out-of-scope", "free-text"}
    assert {row["origin"]["model"].partition(":")[0] for row in rows if row["kind"] == "free-text"} == {"openai"}


def test_every_row_took_three_or_four_calls_and_a_second_run_none(ran, project):
    (_, asked), (second, again) = ran[0]
    rows = [json.loads(line) for line in (project / "data/03_primary/instruction_pairs.jsonl").read_text().splitlines()]
    kinds = [row["kind"] for row in rows]
    assert kinds.count("web-as-instruction") >= 2 * kinds.count("web-as-response") - 1 > 0
    origins = {row["origin"]["prompt"].partition("@")[0] for row in rows}
    assert all(origin.startswith("webr/") for origin in origins)
    assert asked > 3 * len(rows)
    assert second.returncode == 0, second.stderr[-2000:]
    assert again == 0


def test_the_scorecard_counts_what_did_not_fit_into_the_students_context(ran, project):
    card = json.loads((project / "data/08_reporting/webr/core/scorecard.json").read_text())
    assert (card["n_items"], card["n_scored"], card["judge"]) == (30, 30, "")
    assert card["n_truncated"] + card["n_empty"] > 0
    assert card["n_cut"] >= 0


def test_the_key_is_sent_and_written_nowhere(ran, project):
    assert ran[1] == {f"Bearer {KEY}"}
    for done, _ in ran[0]:
        assert KEY not in done.stdout + done.stderr
    holders = [path for path in project.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert holders == []
