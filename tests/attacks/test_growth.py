"""No rule, reader or filter takes time with the square of what a stranger may send."""

import json

import pytest

from quintain.benchmarks.judging.quotes import find_quotes
from quintain.benchmarks.judging.replies import read_reply
from quintain.benchmarks.verifiable.instructions import _CHECKERS, kinds, make_instruction
from quintain.benchmarks.verifiable.verdicts import loose_variants
from quintain.methods.bmc.bridge import _GOOD_ENOUGH, _MARKS, _REFUSAL, _VERDICT
from quintain.methods.lion.novelty import rouge_tokens, unicode_tokens
from quintain.methods.lion.referee import read_review
from quintain.methods.lte.answers import normalised
from quintain.methods.lte.edits import word_forms
from quintain.methods.lte.fluency import fluency
from quintain.methods.webr.deixis import deictic_phrase
from quintain.methods.webr.grounding import grounding
from quintain.methods.webr.injections import injected_instruction
from quintain.methods.webr.refusals import fault as refusal_fault
from quintain.methods.webr.steps import _unquoted
from quintain.methods.webr.wording import copied_words, demand_count, request_verb
from quintain.records import Completion
from quintain.text.contamination import find_leaks
from quintain.text.traces import strip_trace
from quintain.text.words import first_words, words
from quintain.web.duplicates import shingles
from quintain.web.encoding import decode
from quintain.web.markup import language_code
from quintain.web.overload import is_suspect, overload
from quintain.web.page_limits import PageLimits
from quintain.web.quality import FILTERS, MeasuredText
from quintain.web.scoring import score_extraction
from tests.growth import HOSTILE_UNITS, assert_grows_in_proportion

LIMITS = PageLimits(min_sentences=10**6)
PARAMETERS = {
    "keywords": ["word", "other"], "forbidden_words": ["word", "other"], "keyword": "word", "letter": "a",
    "postscript_marker": "P.P.S", "section_spliter": "PART", "end_phrase": "the end", "prompt_to_repeat": "word",
    "first_word": "word", "keyword1": "a", "keyword2": "b", "keyword3": "c", "keyword4": "d", "keyword5": "e",
    "options": "yes/no", "sep": "-", "reference_text": "a b c d", "word": "a",
}  # fmt: skip


def instruction(kind):
    """An instruction of the kind, with parameters that its checker takes."""
    names = _CHECKERS[kind][1].__struct_fields__
    relations = {name: "at least" for name in names if name.endswith("relation")}
    return make_instruction(kind, {name: PARAMETERS.get(name, 3) for name in names} | relations)


READERS = {
    **{f"instruction {kind}": instruction(kind).holds for kind in kinds() if kind != "language:response_language"},
    **{
        f"filter {name}": lambda text, fails=fails: fails(MeasuredText(text, "en"), LIMITS)
        for name, fails in FILTERS.items()
    },
    "ifeval variants": loose_variants,
    "reply tolerant": lambda text: read_reply(text, 1),
    "reply of many": lambda text: read_reply(text, 5),
    "reply upstream": lambda text: read_reply(text, 2, "en", "upstream-parity"),
    "reply upstream zh": lambda text: read_reply(text, 2, "zh", "upstream-parity"),
    "quotes": lambda text: find_quotes(text, text, 2),
    "quoted": lambda text: find_quotes(json.dumps({"verdicts": [{"quote": text}]}), text + text, 1),
    "review last lines": read_review,
    "review first line": lambda text: read_review(text, "first-line"),
    "review strict": lambda text: read_review(text, strict=True),
    "deictic phrase": lambda text: deictic_phrase(f"Sum up this text{text}"),
    "injection": injected_instruction,
    "refusal": lambda text: refusal_fault(Completion(request_id="a", text=text, finish_reason="stop"), "robust"),
    "unquoted": _unquoted,
    "demands": demand_count,
    "verb": request_verb,
    "copied words": lambda text: copied_words(text, text),
    "grounding": lambda text: grounding(text, text),
    "good enough": _GOOD_ENOUGH.fullmatch,
    "bridge refusal": _REFUSAL.match,
    "marks": _MARKS.search,
    "verdict": _VERDICT.fullmatch,
    "rouge tokens": rouge_tokens,
    "unicode tokens": unicode_tokens,
    "answers": normalised,
    "word forms": word_forms,
    "fluency": fluency,
    "leaks": lambda text: find_leaks([[text]], {"a": text}),
    "trace": strip_trace,
    "words": words,
    "first words": lambda text: first_words(text, 10**6),
    "shingles": lambda text: shingles(text, 5),
    "decode": lambda text: decode(text.encode("utf-8", "replace")),
    "decode latin": lambda text: decode(text.encode("utf-8", "replace") + b"\xe4 \xff"),
    "language code": language_code,
    "overload": overload,
    "suspect": is_suspect,
    "score of extraction": lambda text: score_extraction({"a": text}, {"a": text + "b"}),
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_time_grows_in_proportion_to_the_text(reader):
    for unit in HOSTILE_UNITS:
        assert_grows_in_proportion(READERS[reader], unit)


@pytest.mark.parametrize("before", ["1:", "1: 8", "1.", "Assistant 1: 8", "the", "8", "8,", "“", "[", '{"verdicts":'])
@pytest.mark.parametrize(
    "reader", ["review last lines", "review first line", "reply tolerant", "reply of many", "quotes"]
)
def test_a_false_start_changes_nothing(reader, before):
    for unit in HOSTILE_UNITS:
        for after in ("x", " x y z"):
            assert_grows_in_proportion(READERS[reader], unit, before, after)
