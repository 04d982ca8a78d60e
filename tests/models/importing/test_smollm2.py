"""The real thing: a model of the package registry, imported as anybody would."""

import pytest

from quintain.models.importing.model_report import read_report
from tests.real_student import PACKAGE, real_student

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def test_smollm2_is_what_its_makers_say():
    report = read_report(real_student())
    assert report.source == PACKAGE
    assert (report.architecture, report.parameters) == ("LlamaForCausalLM", 134_515_008)
    assert (report.context_tokens, report.number_format, report.stored_as) == (8192, "bfloat16", "GGUF Q4_1")
    assert report.licence == "apache-2.0"
    assert report.end_tokens == {"<|im_end|>": 2}
    assert report.template.preamble.startswith("<|im_start|>system\nYou are a helpful AI assistant named SmolLM")
    assert report.template.end_mark == "<|im_end|>"
    assert report.template.stable_prefix
    assert report.reply.ended
    assert report.notes == ()
