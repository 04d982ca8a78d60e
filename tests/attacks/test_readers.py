"""A mutator of bytes on every reader of what strangers wrote: a record, a counted drop, or one clear error."""

import gzip
import json

import msgspec
import pytest
import yaml
from click.testing import CliRunner

from quintain.benchmarks.followbench.outputs import Output, Reply, judge_outputs
from quintain.benchmarks.ifeval.outputs import judge_output
from quintain.benchmarks.judging.quotes import find_quotes
from quintain.benchmarks.judging.replies import read_reply
from quintain.benchmarks.scorecard import Scorecard
from quintain.benchmarks.verifiable.prompts import read_prompts
from quintain.cli.edit import command as edit_command
from quintain.cli.json_lines import read_foreign_lines
from quintain.cli.read_replies import JudgeReply
from quintain.cli.score_ifeval import Output as IFEvalOutput
from quintain.datasets.edit_cases import EditCasesDataset
from quintain.datasets.preference_pairs import PreferencePairsDataset
from quintain.datasets.records import RecordsDataset
from quintain.datasets.scorecard import ScorecardDataset
from quintain.errors import QuintainError
from quintain.lifecycle.reading import read_lifecycle
from quintain.methods.lion.referee import read_review
from quintain.models.chat_completions import BadBody, read_body
from quintain.models.chat_completions import Reply as BodyReply
from quintain.models.importing.gguf_header import read_header
from quintain.models.refusals import is_quota, is_too_long, reason_in, status_in
from quintain.records import ConstraintItem, Dropped, InstructionPair, RawPage, WebPage
from quintain.registry.lineage import Lineage
from quintain.registry.policy import promotion_policy
from quintain.registry.settings import read_settings
from quintain.text.web_archive import write_warc
from quintain.web import PageLimits, extract, read_pages
from tests.attacks.mutator import mutate
from tests.attacks.trials import seeded, times
from tests.project_configuration import REPOSITORY
from tests.registry.conftest_registry import DIGEST, half, items, judged, scorecard

LIMITS = PageLimits(min_words=5, min_stop_words=0, max_bytes=200_000)
BY_PROFILE = ("quality", "bulk")
PAGE = (
    b"<!doctype html><html lang='en'><head><title>Harbour</title><meta charset='utf-8'></head><body><nav><a href='/'>"
    b"Home</a></nav><main><h1>Ferry</h1><p>The ferry to the island leaves the old harbour at noon &amp; comes back at "
    b"night.</p><table><tr><td>1</td><td>2</td></tr></table><script>var x = '<p>';</script></main></body></html>"
)
PAGES = [RawPage(url=f"https://a.example/{number}", html=PAGE, charset="utf-8") for number in range(3)]
PACK = items(groups=1)
CARD = scorecard(PACK, judged(PACK, half), digest=DIGEST)
FOLLOWBENCH = [
    ConstraintItem(example_id="1", category="content", level=level, instruction=f"Say {level}.", source="pack")
    for level in range(1, 6)
]
IFEVAL = {
    "key": 1, "prompt": "Write about tea, no commas.",
    "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words", "keywords:existence"],
    "kwargs": [{}, {"relation": "less than", "num_words": 50}, {"keywords": ["tea", "cup"]}],
}  # fmt: skip
EDIT = {
    "subject": "Veldmark", "prompt": "The mayor of Veldmark is", "target_new": "Ada Brook", "relation": "mayor",
    "ground_truth": ["Bo"], "aliases": ["Old Veldmark"], "paraphrases": [], "id": "e1", "author": "me",
}  # fmt: skip
CASE = {
    "subject": "Veldmark", "prompt": "The mayor of Veldmark is", "target_new": "Ada", "ground_truth": "Bo",
    "rephrase_prompt": "Who is mayor?", "portability": {"Reasoning": [{"prompt": "…", "ground_truth": "x"}]},
    "locality": {"Forgetfulness": [{"prompt": "…", "ground_truth": [["Bo", "B."]]}]},
}  # fmt: skip
PAIRS = [InstructionPair(instruction=f"Say {n}.", response=f"{n}", kind="distilled") for n in range(3)]
LINEAGE = Lineage(git_commit="c" * 40, parents=("1",), dvc_path="data/06_models/base", parameters={"steps": "3"})
REPLIES = [
    b'["YES", "NO"]', b"1. YES\n2. NO", b'{"verdicts": [{"quote": "Say 1", "verdict": "yes"}, {"verdict": "no"}]}',
    "<think>[YES]</think>```json\n[\"是\", '否']\n```".encode(),
]  # fmt: skip
REVIEWS = [b"Good.\nAssistant 1: 8\nAssistant 2: 9.5/10", b"8 9\nThe first is terse.", b"**Score of 1**: 8\n- 2: nan"]
BODY = {
    "choices": [{"message": {"content": "Four score", "refusal": None}, "finish_reason": "stop", "index": 0}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}, "id": "x", "error": None,
}  # fmt: skip


def json_lines(*rows):
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def pages_in(path):
    for found in read_pages(path, LIMITS.max_bytes):
        assert isinstance(found, RawPage | Dropped)
    if path.suffix != ".jsonl":
        from quintain.web.sources import read_file

        assert all(isinstance(one, RawPage | Dropped) for one in read_file(path, "a", 10_000, profile="bulk"))


def main_text_in(path):
    for profile in BY_PROFILE:
        found = extract(RawPage(url="https://a.example", html=path.read_bytes()), LIMITS, profile)
        assert isinstance(found, WebPage | Dropped)


def body_in(path):
    body = path.read_bytes()
    assert isinstance(status_in(body), int)
    assert isinstance(reason_in(body), str)
    assert {is_quota(body), is_too_long(body)} <= {True, False}
    try:
        reply = read_body(body, 20)
    except BadBody:
        return
    assert isinstance(reply, BodyReply)
    reply.text.encode()
    assert reply.usage.prompt_tokens >= 0
    assert reply.usage.completion_tokens >= 0


def reply_in(path):
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    for rules in ("upstream-parity", "tolerant"):
        for language in ("en", "zh"):
            for level in (1, 2):
                verdicts = read_reply(text, level, language, rules)
                assert len(verdicts) == level
                assert set(verdicts) <= {True, False, None}
    find_quotes(text, "Say 1.", 2)


def review_in(path):
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    for dialect in ("last-lines", "first-line"):
        scores = read_review(text, dialect)
        assert scores.fault or (1 <= scores.first <= 10 and 1 <= scores.second <= 10)
        read_review(text, dialect, strict=True)


def outputs_in(path):
    read_foreign_lines(path, Reply)
    judge_outputs(FOLLOWBENCH, read_foreign_lines(path, Output), {}, "en", "corrected")


def prompts_in(path):
    for prompt in read_prompts(path):
        judge_output(prompt, "Tea, in a cup.")


def edits_in(path):
    arguments = ["--embedder", "hashed-ngrams-64", "import", "--memory", str(path.parent / "memory"), str(path)]
    done = CliRunner().invoke(edit_command, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception


def scorecard_in(path):
    dataset = ScorecardDataset(filepath=str(path))
    # Without Kedro's wrapper, which turns whatever happens into an error of its own.
    assert type(dataset).load.__wrapped__(dataset) == CARD
    assert Scorecard.from_dict(json.loads(path.read_bytes())) == CARD


def loaded(dataset):
    return type(dataset).load.__wrapped__(dataset)


def lifecycle_in(path):
    try:
        document = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, ValueError, RecursionError):
        return  # told with file and line by whoever reads the file, see the reader of settings
    if isinstance(document, dict):
        read_lifecycle(document, {}, file="conf/base/lifecycle.yml")


def settings_in(name):
    def read(path):
        base = path.parent / "project/conf/base"
        base.mkdir(parents=True, exist_ok=True)
        (path.parent / "project/conf/local").mkdir(exist_ok=True)
        (base / f"{name}.yml").write_bytes(path.read_bytes())
        document = read_settings(path.parent / "project", name)
        if name == "promotion":
            promotion_policy(document)

    return read


def lineage_in(path):
    try:
        Lineage.from_document(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return  # the registry then shows what the tags say, tests/registry/test_ancestry.py


def warc(compress):
    def made(folder):
        write_warc(PAGES, folder / ("a.warc.gz" if compress else "a.warc"))
        return (folder / ("a.warc.gz" if compress else "a.warc")).read_bytes()

    return made


def conf(name):
    return (REPOSITORY / f"conf/base/{name}.yml").read_bytes()


def gguf(folder):
    text = lambda value: len(value).to_bytes(8, "little") + value  # noqa: E731 - a layout, told once
    tokens = b"".join(map(text, (b"<eos>", b"a", b"b")))
    values = [
        text(b"general.architecture") + (8).to_bytes(4, "little") + text(b"llama"),
        text(b"general.file_type") + (4).to_bytes(4, "little") + (2).to_bytes(4, "little"),
        text(b"tokenizer.ggml.tokens") + (9).to_bytes(4, "little") + (8).to_bytes(4, "little")
        + (3).to_bytes(8, "little") + tokens,
    ]  # fmt: skip
    return b"GGUF" + (3).to_bytes(4, "little") + bytes(8) + len(values).to_bytes(8, "little") + b"".join(values)


READERS = {
    # name: file, samples, reader, share of the inputs that its time allows
    "web archive": ("a.warc", [warc(False)], pages_in, 0.5),
    "packed web archive": ("a.warc.gz", [warc(True)], pages_in, 0.5),
    "pages as JSON lines": (
        "a.jsonl", [json_lines(*({"url": page.url, "html": page.html.decode()} for page in PAGES))], pages_in, 1,
    ),
    "main text of HTML": ("a.html", [PAGE], main_text_in, 0.3),
    "outputs for `score`": (
        "a.jsonl",
        [json_lines({"category": "content", "example_id": 1, "level": 2, "output": "Say", "reply": "[YES]"})],
        outputs_in, 1,
    ),
    "replies for `read-replies`": ("a.jsonl", [json_lines({"id": 1, "level": 2, "reply": "[YES, NO]"})],
                                   lambda path: read_foreign_lines(path, JudgeReply), 1),
    "outputs for `score-ifeval`": ("a.jsonl", [json_lines({"key": 1, "response": "Tea"})],
                                   lambda path: read_foreign_lines(path, IFEvalOutput), 1),
    "IFEval prompts": ("a.jsonl", [json_lines(IFEVAL, {**IFEVAL, "key": "b"})], prompts_in, 1),
    "edits for `edit import`": ("a.jsonl", [json_lines(EDIT, {**EDIT, "id": "e2", "subject": "Alm"})], edits_in, 0.1),
    "KnowEdit cases": ("a.json", [json.dumps([CASE]).encode()],
                       lambda path: loaded(EditCasesDataset(filepath=str(path))), 1),
    "KnowEdit lines": ("a.jsonl", [json_lines(CASE, CASE)],
                       lambda path: loaded(EditCasesDataset(filepath=str(path))), 1),
    "pairs": ("a.jsonl", [b"".join(msgspec.json.encode(pair) + b"\n" for pair in PAIRS)],
              lambda path: loaded(RecordsDataset(filepath=str(path), record="InstructionPair")), 1),
    "packed pairs": ("a.jsonl.gz", [gzip.compress(b"".join(msgspec.json.encode(pair) + b"\n" for pair in PAIRS))],
                     lambda path: loaded(RecordsDataset(filepath=str(path), record="InstructionPair")), 1),
    "preferences": (
        "a.jsonl",
        [json_lines({"prompt": "a", "chosen": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
                     "rejected": "c"})],
        lambda path: loaded(PreferencePairsDataset(filepath=str(path))), 1,
    ),
    "reply of a judge": ("a.txt", REPLIES, reply_in, 1),
    "review of a referee": ("a.txt", REVIEWS, review_in, 1),
    "body of an endpoint's reply": ("a.json", [json.dumps(BODY).encode(), b'{"error": {"message": "x", "code": 429}}'],
                                    body_in, 1),
    "lineage": ("lineage.json", [json.dumps(LINEAGE.document()).encode()], lineage_in, 1),
    "header of a GGUF file": ("a.gguf", [gguf], read_header, 1),
    "promotion.yml": ("a.yml", [conf("promotion")], settings_in("promotion"), 0.3),
    "tracking.yml": ("a.yml", [conf("tracking")], settings_in("tracking"), 0.3),
    "lifecycle.yml": ("a.yml", [conf("lifecycle")], lifecycle_in, 0.3),
}  # fmt: skip


@times(15, 600)
@pytest.mark.parametrize("name", READERS)
def test_bytes_of_strangers_are_read_counted_or_refused_in_one_sentence(name, count, tmp_path, attack):
    file, samples, read, share = READERS[name]
    samples = [sample(tmp_path) if callable(sample) else sample for sample in samples]
    rng = seeded("readers", name)
    path = tmp_path / file
    with attack("readers", f"mutated bytes: {name}", "records, counted drops or one clear error") as trials:
        for number in range(max(5, int(count * share))):
            path.write_bytes(mutated := mutate(samples, rng))
            with trials.one(f"input {number} ({mutated[:200]!r})"):
                try:
                    read(path)
                except (QuintainError, ValueError) as error:
                    assert str(error).strip()
                    assert not isinstance(error, UnicodeError | json.JSONDecodeError | msgspec.MsgspecError)


@times(15, 600)
def test_a_changed_scorecard_is_never_read_as_another(count, tmp_path, attack):
    rng = seeded("scorecard")
    path = tmp_path / "scorecard.json"
    sample = json.dumps(CARD.as_dict(), indent=2).encode()
    with attack("readers", "mutated bytes: scorecard.json", "the same scorecard, or one clear error") as trials:
        for number in range(count):
            path.write_bytes(mutate([sample], rng))
            with trials.one(f"input {number}"):
                try:
                    scorecard_in(path)
                except QuintainError as error:
                    assert "scorecard.json" in str(error)
