"""Fine-tuning on data of the user's own."""

from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from quintain.benchmarks.decontamination import Decontamination
from quintain.datasets.model_ref import model_ref
from quintain.pipelines.finetuning.pipeline import finetune_on_given
from quintain.pipelines.given_data import GivenParams
from quintain.records import InstructionPair, Message
from quintain.training.sft import SftParams
from tests.project_configuration import configuration


def test_on_pairs_of_ones_own_copies_are_left_out_and_every_response_of_a_chat_is_learned(
    monkeypatch, tmp_path, tiny_student
):
    before = (Message(role="user", content="Who rules?"), Message(role="assistant", content="The mayor."))
    pairs = [
        InstructionPair(instruction="Is she kind?", response="The mayor is kind.", kind="given", context=before),
        InstructionPair(instruction="Tell me about town 1.", response="The mayor is kind.", kind="given"),
        InstructionPair(instruction="Tell me about town 1!", response="The mayor is kind.", kind="given"),
    ]
    entries = configuration("base")["catalog"]
    monkeypatch.chdir(tmp_path)
    catalog = DataCatalog.from_config({name: entry for name, entry in entries.items() if name.startswith("{")})
    params = SftParams(steps=2, batch_size=2, learning_rate=1e-3, max_length=128, learn="all")
    for name, value in {
        "given_pairs": pairs,
        "tiny.model@ref": model_ref(tiny_student),
        "params:finetuning.sft": params,
        "params:given": GivenParams(),
        "params:decontamination": Decontamination(),
    }.items():
        catalog[name] = MemoryDataset(value)
    SequentialRunner().run(finetune_on_given("mine", "tiny", "given_pairs", []), catalog)
    summary = catalog.load("mine.training")
    assert (summary["rows"], summary["screened_out"], summary["steps"]) == (2, 1, 2)
    assert [one.reason for one in catalog.load("mine.dropped_given")] == ["near-duplicate"]
