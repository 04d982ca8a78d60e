"""Small real things that many tests need."""

import contextlib
import os
import platform
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from quintain import offline
from quintain.almanac.world import World, WorldParams, make_world
from tests.shared_artefacts import made_once

offline.silence()
# A busy machine may take any time for an example.
settings.register_profile("busy", deadline=None)
settings.load_profile("busy")
# A suite that a shell runs in the background is deaf to Ctrl-C, and so is every process that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# Texts and weights are compared to the letter, so no processor may compute in bfloat16, in no process of a test either.
if platform.machine() in ("x86_64", "AMD64"):
    os.environ["ATEN_CPU_CAPABILITY"] = "avx2"


FILES_OF_MINUTES = ("tests/house/", "tests/pipelines/test_lifecycles.py", "tests/web/engines/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole lifecycles and clusters first: of a file of minutes that is begun last the other worker has nothing."""
    items.sort(key=lambda item: not item.nodeid.startswith(FILES_OF_MINUTES))


REGISTRY_VARIABLES = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "QUINTAIN_RUN_ID")


def forget_registry() -> None:
    """MLflow and a Kedro session export their registry's address, and their run, to every process started later."""
    for name in REGISTRY_VARIABLES:
        os.environ.pop(name, None)
    if "mlflow" in sys.modules:
        sys.modules["mlflow"].set_registry_uri(None)


@pytest.fixture(autouse=True, scope="module")
def no_registry_of_another_file():
    """Before the fixtures of a file, which start processes too."""
    forget_registry()
    yield
    forget_registry()


@pytest.fixture(autouse=True)
def no_registry_of_another_test():
    forget_registry()
    yield
    forget_registry()


@pytest.fixture(scope="session")
def mlflow_tables(tmp_path_factory) -> Path:
    """An MLflow database in which nothing is registered, to be copied: making its tables takes MLflow seconds."""

    def make(place: Path) -> None:
        from quintain.registry.store import open_store

        with contextlib.chdir(place.parent):
            open_store(f"sqlite:///{place}")

    return made_once(tmp_path_factory, "tables.db", make)


@pytest.fixture(scope="session")
def world() -> World:
    """The almanac's world as a project has it; no test changes it."""
    return make_world(WorldParams())


@pytest.fixture(scope="session")
def small_world() -> World:
    """A world of 8 towns, for what asks about each of them."""
    return make_world(WorldParams(towns=8, fresh_towns=4, persons=8))


@pytest.fixture(scope="session")
def tiny_student(tmp_path_factory) -> Path:
    """A random-weight Llama with a byte-level tokenizer and a chat template, as an ordinary Hugging Face folder."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from quintain.training.tokenizer import train_tokenizer

    texts = ["Tell me about the town. The mayor is kind.", "Write exactly two facts. Use a dash list."] * 50
    tokenizer = train_tokenizer(texts, [], vocab_size=400, context_tokens=256)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=256,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        initializer_range=0.3,
    )
    folder = tmp_path_factory.mktemp("models") / "tiny"
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
