"""Lists of records on disk: typed, whole, the same bytes for the same records."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.io import DatasetError

from quintain.datasets import RecordsDataset
from quintain.datasets.records import record_type
from quintain.errors import ConfigError
from quintain.records import ConstraintItem, Judgement, Message, Origin, Request, Rule, WebPage

PAGES = [WebPage(url="https://a.example", text="One."), WebPage(url="https://b.example", text="Zwei, zwölf, 二.")]


@pytest.fixture(params=["pages.jsonl", "pages.jsonl.gz"])
def file(request, tmp_path):
    return tmp_path / "data" / request.param


def pages_at(path):
    return RecordsDataset(filepath=str(path), record="WebPage")


def test_what_is_saved_is_what_is_loaded(file):
    pages_at(file).save(PAGES)
    assert pages_at(file).load() == PAGES


def test_nested_records_tuples_and_free_fields_survive(tmp_path):
    item = ConstraintItem(
        example_id="7", category="format", level=2, instruction="?", rules=(Rule(kind="count", value="3"),), path=("a",)
    )
    request = Request(
        prompt="webr/author@1",
        fields={"page": "text", "numbers": [1, 2.5, None], "deep": {"yes": True}},
        messages=(Message(role="user", content="hello"),),
        origin=Origin(parents=("x", "y"), seed=3, knobs={"length": "short"}),
    )
    for records in ([item], [request]):
        dataset = RecordsDataset(filepath=str(tmp_path / "r.jsonl"), record=type(records[0]).__name__)
        dataset.save(records)
        assert dataset.load() == records


# Everything but halves of surrogate pairs, which are no text.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
# The verdicts of a judgement: true, false or null.
verdicts = st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=5).map(tuple)


@given(st.lists(st.builds(WebPage, url=texts, text=texts), unique_by=lambda page: page.id))
def test_any_text_survives(tmp_path_factory, pages):
    dataset = pages_at(tmp_path_factory.getbasetemp() / "any.jsonl")
    dataset.save(pages)
    assert dataset.load() == pages


@given(satisfied=verdicts)
def test_any_verdicts_survive(tmp_path_factory, satisfied):
    judgement = Judgement(
        item_id="1", example_id="1", category="style", level=len(satisfied), satisfied=satisfied, by="rule:almanac"
    )
    dataset = RecordsDataset(filepath=str(tmp_path_factory.getbasetemp() / "any.jsonl"), record="Judgement")
    dataset.save([judgement])
    assert dataset.load() == [judgement]


def test_equal_records_give_equal_bytes(file, tmp_path):
    pages_at(file).save(PAGES)
    first = file.read_bytes()
    file.unlink()
    pages_at(file).save([WebPage(text=page.text, url=page.url) for page in PAGES])
    assert file.read_bytes() == first


def test_one_line_holds_one_record(tmp_path):
    pages_at(tmp_path / "pages.jsonl").save(PAGES)
    lines = (tmp_path / "pages.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["url"] for line in lines] == ["https://a.example", "https://b.example"]


def test_no_records_make_an_empty_file(file):
    pages_at(file).save([])
    assert pages_at(file).load() == []


def test_a_wrong_value_is_named_by_file_line_field_and_what_was_expected(tmp_path):
    file = tmp_path / "items.jsonl"
    good = '{"example_id":"1","category":"style","level":1,"instruction":"?"}'
    bad = good.replace('"level":1', '"level":"one"')
    file.write_text(f"{good}\n{bad}\n")
    dataset = RecordsDataset(filepath=str(file), record="ConstraintItem")
    with pytest.raises(
        DatasetError, match=r"items\.jsonl, line 2: not a ConstraintItem: Expected `int`, got `str` - at `\$\.level`"
    ):
        dataset.load()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"url":"u"}', "missing required field `text`"),
        ('{"url":"u","text":"t","colour":"red"}', "unknown column colour"),
        ('{"url":"u","text":', "Input data was truncated"),
        ("", "Input data was truncated"),
        ('["url","text"]', "Expected `object`, got `array`"),
        ('{"url":"u","text":7}', r"Expected `str`, got `int` - at `\$\.text`"),
    ],
)
def test_a_line_that_is_no_record_is_refused(tmp_path, line, message):
    file = tmp_path / "pages.jsonl"
    file.write_text(f'{{"url":"u","text":"t"}}\n{line}\n')
    with pytest.raises(DatasetError, match=f"line 2: not a WebPage: .*{message}"):
        pages_at(file).load()


def test_a_line_written_by_hand_gets_its_id(tmp_path):
    file = tmp_path / "pages.jsonl"
    file.write_text('{"url":"https://a.example","text":"One."}\n')
    assert pages_at(file).load() == [PAGES[0]]


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(DatasetError, match=r"pages\.jsonl does not exist; run the pipeline that makes it"):
        pages_at(tmp_path / "pages.jsonl").load()


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-9], lambda data: b"no gzip", lambda data: data[:12] + b"\xff" * 9]
)
def test_a_damaged_archive_is_one_clear_error(tmp_path, damage):
    file = tmp_path / "pages.jsonl.gz"
    file.write_bytes(damage(gzip.compress(b'{"url":"u","text":"t"}\n' * 50, mtime=0)))
    with pytest.raises(DatasetError, match=r"pages\.jsonl\.gz is damaged .*make it again"):
        pages_at(file).load()


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([PAGES[0], PAGES[0]], rf"item 1: id {PAGES[0].id} occurs twice"),
        ([PAGES[0], Rule(kind="count", value="3")], "item 1 is a Rule, expected WebPage"),
        ([PAGES[0], WebPage(url="u", text="\ud800")], r"item 1 \(id \w+\) cannot be written as JSON: .*surrogate"),
    ],
)
def test_a_refused_save_leaves_the_former_file(file, records, message):
    pages_at(file).save(PAGES)
    with pytest.raises(DatasetError, match=message):
        pages_at(file).save(records)
    assert pages_at(file).load() == PAGES
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_field_that_json_cannot_hold_is_refused(tmp_path):
    request = Request(id="r1", prompt="p", fields={"what": object()}, messages=())
    with pytest.raises(DatasetError, match=r"item 0 \(id r1\) cannot be written as JSON: .*object.* is unsupported"):
        RecordsDataset(filepath=str(tmp_path / "r.jsonl"), record="Request").save([request])


def test_a_full_disk_leaves_the_former_file(file, full_disk):
    pages_at(file).save(PAGES)
    many = [WebPage(url=f"https://{i}.example", text="x" * 99 + str(i * 7919)) for i in range(2000)]
    with (
        full_disk(10_000),
        pytest.raises(DatasetError, match=r"could not be written: .*before is untouched. Free some space"),
    ):
        pages_at(file).save(many)
    assert pages_at(file).load() == PAGES
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_an_unknown_record_type_is_answered_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"no record type 'WebPages'; there are .*InstructionPair.*WebPage"):
        record_type("WebPages")


def test_an_ending_that_is_not_kept_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"pages\.parquet: records are kept as \.jsonl or \.jsonl\.gz"):
        pages_at(tmp_path / "pages.parquet")


def test_the_preview_shows_the_first_rows_without_their_origin(file):
    pages_at(file).save([WebPage(url=f"https://{i}.example", text="long " * 100) for i in range(12)])
    preview = pages_at(file).preview()
    assert preview["columns"][:3] == ["id", "url", "text"]
    assert "origin" not in preview["columns"]
    assert preview["index"] == list(range(10))
    assert preview["data"][3][1] == "https://3.example"
    assert len(preview["data"][3][2]) == 200
