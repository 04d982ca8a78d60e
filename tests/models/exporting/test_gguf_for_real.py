"""The real thing: SmolLM2 as a GGUF file and for Ollama, by the llama.cpp converter that this machine has."""

import pytest

from quintain.errors import ModelError
from quintain.models.exporting.gguf_file import find_converter, write_gguf
from quintain.models.exporting.modelfile import modelfile, ollama_template
from tests.real_student import real_student

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def converter():
    try:
        return find_converter()
    except ModelError as error:
        pytest.skip(str(error))


def test_smollm2_becomes_a_file_that_says_what_the_folder_says(tmp_path):
    command, folder = converter(), real_student()
    made = write_gguf(folder, tmp_path / "model.gguf", command, "bf16")
    assert (made.header.architecture, made.header.end_ids) == ("llama", (2,))
    assert made.error is not None
    assert made.error < 0.01
    template = ollama_template(folder, adds_bos=made.header.adds_bos)
    text = modelfile("model.gguf", folder, template, {"temperature": 0, "top_p": 1.0, "max_new_tokens": 256})
    assert 'PARAMETER stop """<|im_end|>"""' in text
    assert "PARAMETER num_ctx 8192" in text
