"""Pages are read, models asked, pairs made and counted, and nothing gets lost on the way."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from kedro.io import MemoryDataset
from kedro.runner import SequentialRunner

from quintain.errors import RecordError
from quintain.models.trace import trace
from quintain.pipelines.synthesis import create_pipeline, nodes
from quintain.web import read_pages
from tests.lifecycles import tree
from tests.pipelines.synthesis.pages_to_pairs import run
from tests.scripted_model import Scripted


def test_every_page_is_kept_or_dropped_and_every_draft_too(catalog):
    run(catalog)
    funnel = catalog.load("synthesis_funnel")
    kept, dropped = catalog.load("pages"), catalog.load("dropped_pages")
    assert funnel["pages"]["read"]["entered"] == len(kept) + len(dropped) == 120
    pairs, lost = catalog.load("instruction_pairs"), catalog.load("dropped_pairs")
    assert funnel["pairs"]["author"]["entered"] == len(pairs) + len(lost) == len(kept)
    assert funnel["pairs"]["mixture"]["passed"] == len(pairs)
    assert {drop.reason for drop in dropped} <= {"few-words", "equal-text"}


def test_the_mixture_holds_within_one_row(catalog):
    run(catalog)
    kinds = catalog.load("synthesis_funnel")["kinds"]
    total = sum(kinds.values())
    assert abs(kinds["web-as-instruction"] - total * 2 / 3) <= 0.5 + 1e-9


def test_refinement_brings_responses_nearer_to_their_pages(catalog):
    # The oracle gets 30 % of the facts wrong without the page.
    run(catalog)
    grounding = catalog.load("synthesis_evidence")["grounding"]
    assert grounding["refined"]["mean"] > grounding["rollout"]["mean"] + 0.05


def test_calls_and_tokens_are_counted_by_role(catalog):
    run(catalog)
    funnel = catalog.load("synthesis_funnel")
    asked, evidence = funnel["pairs"]["author"]["entered"], funnel["pairs"]["refinement"]["entered"]
    # One call of the author per page; two of the teacher, and a third for the third that is evidence.
    assert funnel["spent"]["author"]["calls"] == asked
    assert funnel["spent"]["teacher"]["calls"] == pytest.approx(2 * asked + evidence / 3, abs=1)
    assert all(value > 0 for spent in funnel["spent"].values() for value in spent.values())


def test_pages_that_are_all_dropped_are_summed_up_by_reason(parameters, tmp_path):
    (tmp_path / "a.html").write_text("<p>short</p>")
    (tmp_path / "b.html").touch()
    ingestion = replace(parameters.ingestion, folder=str(tmp_path / "shards"))
    with pytest.raises(RecordError, match=r"1 no-text, 1 few-words\. Name another .* loosen synthesis\.extraction"):
        nodes.extract_pages(read_pages(tmp_path), parameters.extraction, ingestion)


def test_models_that_refuse_leave_a_clear_error(catalog, played):
    played(author=Scripted("A clerk."), teacher=Scripted("I'm sorry, I can't do that."))
    with pytest.raises(RecordError, match=r"no page became a pair \(request: \{'refusal': \d+\}\)"):
        run(catalog)


def test_refined_responses_are_kept_with_their_roll_outs_as_preferences(catalog):
    run(catalog)
    pairs = {pair.id: pair for pair in catalog.load("instruction_pairs")}
    preferences = catalog.load("synthesis_preferences")
    assert len(preferences) == sum(pair.rollout not in ("", pair.response) for pair in pairs.values()) > 10
    for preference in preferences:
        pair = pairs[preference.origin.parents[0]]
        assert (preference.prompt, preference.chosen, preference.rejected) == (
            pair.instruction,
            pair.response,
            pair.rollout,
        )


def test_the_pairs_are_a_dataset_that_the_hub_reads(catalog, tmp_path):
    import datasets

    run(catalog)
    opened = datasets.load_dataset("data/05_model_input/instruction_dataset", cache_dir=str(tmp_path / "cache"))[
        "train"
    ]
    pairs = catalog.load("instruction_pairs")
    assert opened["id"][:] == [pair.id for pair in pairs]
    assert opened[0]["messages"] == [
        {"content": pairs[0].instruction, "role": "user"},
        {"content": pairs[0].response, "role": "assistant"},
    ]
    assert "| webr/author@" in Path("data/05_model_input/instruction_dataset/README.md").read_text()


def test_a_row_leads_back_through_the_ledger_to_every_answer(catalog):
    run(catalog)
    pair = next(pair for pair in catalog.load("instruction_pairs") if pair.kind == "web-as-response")
    calls = trace(pair, Path("data/ledger.sqlite"))
    assert [call.request.prompt.partition("@")[0] for call in calls] == [
        "webr/response_refinement",
        "webr/response_rollout",
        "webr/response_request",
        "webr/author",
    ]
    assert [call.completion.text for call in calls] == [
        pair.response,
        pair.rollout,
        pair.request,
        pair.origin.knobs["author"],
    ]


def test_pairs_that_hold_an_evaluation_item_are_dropped_and_counted(catalog):
    run(catalog)
    leaked = [pair for pair in catalog.load("instruction_pairs") if pair.kind == "web-as-response"][:5]
    Path("packs").mkdir()
    lines = [json.dumps({"prompt": pair.request.upper()}) for pair in leaked]
    Path("packs/mine.jsonl").write_text("\n".join(lines))
    settings = catalog.load("params:decontamination")
    catalog["params:decontamination"] = MemoryDataset(replace(settings, packs=("packs",)))
    SequentialRunner().run(create_pipeline(tree()).from_nodes("plan_drafts"), catalog)
    kept = {pair.request for pair in catalog.load("instruction_pairs")}
    assert not kept & {pair.request for pair in leaked}
    dropped = catalog.load("synthesis_funnel")["pairs"]["contamination"]["dropped"]["contaminated"]
    evidence = catalog.load("synthesis_evidence")["contamination"]
    assert evidence["rows"] == dropped >= 5
    assert evidence["held_out"] == len(catalog.load("almanac.items@records")) + 5


def test_what_a_reader_dropped_is_counted_with_the_rest(parameters, tmp_path):
    text = "The ferry to the island leaves the old harbour at noon and comes back at night."
    (tmp_path / "a.html").write_bytes(f"<p>{text}</p>".encode("utf-16"))
    (tmp_path / "b.html").write_bytes(b"<p>" + b"x" * 5_000_000)
    (tmp_path / "c.warc.gz").write_bytes(b"no archive")
    ingestion = replace(parameters.ingestion, folder=str(tmp_path / "shards"))
    pages, dropped = nodes.extract_pages(read_pages(tmp_path), parameters.extraction, ingestion)
    assert [page.text for page in pages] == [text]
    assert sorted(drop.reason for drop in dropped) == ["broken-gzip", "too-large"]
