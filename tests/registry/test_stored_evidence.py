"""What the registry keeps of a version is what it was registered with, or gate, rollback and readers refuse it."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from conftest_registry import candidate, good, half, items, judged, scorecard

from quintain.benchmarks.scorecard import Scorecard
from quintain.errors import RecordError, RegistryError
from quintain.records import Judgement, content_id
from quintain.registry.policy import BenchmarkPolicy, PromotionPolicy
from quintain.registry.promotion import CHAMPION, holder, promote, rollback
from quintain.registry.registration import register
from quintain.registry.store import open_store
from quintain.registry.stored_evidence import read_measured

NAME = "quintain-student"
POLICY = PromotionPolicy(benchmarks={"default": BenchmarkPolicy(margin=0.05)}, most_unread=0.01, replicates=200)


PACK = items(groups=4)


@pytest.fixture(scope="module")
def registered(tmp_path_factory, mlflow_tables):
    """A champion, a better challenger, and the folder of the challenger's evidence."""
    home = tmp_path_factory.mktemp("registry")
    shutil.copy(mlflow_tables, home / "mlflow.db")
    uri = f"sqlite:///{home / 'mlflow.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.delenv("DVC_EXP_NAME", raising=False)
        client = open_store(uri)
        for entrant in (candidate("base", "a" * 64, half, pack=PACK), better()):
            register(client, uri, "quintain", NAME, entrant)
        promote(client, uri, NAME, POLICY, "1")
    run = client.get_run(client.get_model_version(NAME, "2").run_id)
    return client, uri, Path(run.info.artifact_uri) / "scorecard/pack"


@pytest.fixture
def kept(registered):
    """The same, as it was registered again after the test."""
    *_, folder = registered
    former = {path: path.read_bytes() for path in folder.iterdir()}
    yield registered
    for path, content in former.items():
        path.write_bytes(content)


def better():
    return candidate("better", "b" * 64, good, pack=PACK)


def lines_of(folder):
    return (folder / "judgements.jsonl").read_bytes().splitlines(keepends=True)


def write(folder, lines):
    (folder / "judgements.jsonl").write_bytes(b"".join(lines))


def two_that_pass(folder):
    write(folder, [line for line in lines_of(folder) if b'"satisfied":[true]' in line][:2])


def all_pass(folder):
    write(folder, [line.replace(b"false", b"true") for line in lines_of(folder)])


def contradictory(folder):
    lines = lines_of(folder)
    failing = next(line for line in lines if b"false" in line)
    write(folder, [*lines, failing.replace(b"false", b"true")])


def one_for_another(folder):
    lines = lines_of(folder)
    write(folder, [lines[1], *lines[1:]])


def forged_with_ids(folder):
    """Verdicts, their ids and the scorecard all rewritten: only the version's tags say that it was otherwise."""
    decoder = msgspec.json.Decoder(Judgement)
    judgements = judged(PACK, lambda *_: True)
    assert {one.item_id for one in judgements} == {decoder.decode(line).item_id for line in lines_of(folder)}
    write(folder, [msgspec.json.encode(one) + b"\n" for one in judgements])
    card = scorecard(PACK, judgements, model="better", digest="b" * 64)
    (folder / "scorecard.json").write_text(json.dumps(card.as_dict()))


def rewrite(folder, **fields):
    card = json.loads((folder / "scorecard.json").read_text())
    (folder / "scorecard.json").write_text(json.dumps(card | fields))


def sampling(folder):
    rewrite(folder, sampling={"temperature": 1.0})


def sampling_with_digest(folder):
    card = json.loads((folder / "scorecard.json").read_text())
    card["sampling"]["temperature"] = 1.0
    unsealed = {name: value for name, value in card.items() if name != "digest"}
    (folder / "scorecard.json").write_text(
        json.dumps(unsealed | {"digest": content_id(unsealed, list(unsealed["measures"]))})
    )


def other_pack(folder):
    pack = items(groups=4, name="other")
    judgements = judged(pack, good)
    write(folder, [msgspec.json.encode(one) + b"\n" for one in judgements])
    card = scorecard(pack, judgements, model="better", digest="b" * 64)
    (folder / "scorecard.json").write_text(json.dumps(card.as_dict()))


IN_THE_JUDGEMENTS = {
    two_that_pass: "2 judgements for the 120 items of the scorecard",
    all_pass: "judgements were changed after they were written",
    contradictory: "1 of 121 judgements judge an item a second time",
    one_for_another: "1 of 120 judgements judge an item a second time",
    forged_with_ids: "with judgements ",
    sampling_with_digest: "with sampling ",
    other_pack: "with pack.digest ",
}
IN_THE_SCORECARD = {sampling: "it was changed after it was written"}


@pytest.mark.parametrize(("attack", "why"), IN_THE_JUDGEMENTS.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_the_gate_refuses_changed_evidence_and_says_what_differs(kept, attack, why):
    client, uri, folder = kept
    attack(folder)
    for dry_run in (True, False):
        refused = promote(client, uri, NAME, POLICY, "2", dry_run=dry_run)
        assert (refused.moved, refused.decision.outcome) == (False, "refused")
        assert refused.decision.comparisons == {}
        told = "\n".join(refused.decision.lines())
        assert why in told
        assert "`kedro run --pipelines evaluation" in told
    assert holder(client, NAME, CHAMPION).version == 1
    with pytest.raises(RecordError, match=f"version 2: .*{why}"):
        read_measured(client, client.get_model_version(NAME, "2"))


@pytest.mark.parametrize(("attack", "why"), IN_THE_SCORECARD.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_a_changed_scorecard_is_not_read(kept, attack, why):
    client, uri, folder = kept
    attack(folder)
    with pytest.raises(RecordError, match=why):
        promote(client, uri, NAME, POLICY, "2", dry_run=True)


@pytest.mark.parametrize("tag", ["score.headline", "sampling", "judgements", "model.digest", "scorecard"])
def test_a_changed_tag_is_found_too(kept, tag):
    client, uri, _ = kept
    former = client.get_model_version(NAME, "2").tags[tag]
    client.set_model_version_tag(NAME, "2", tag, "0.9999")
    assert promote(client, uri, NAME, POLICY, "2", dry_run=True).decision.outcome == "refused"
    client.set_model_version_tag(NAME, "2", tag, former)
    assert promote(client, uri, NAME, POLICY, "2", dry_run=True).decision.outcome == "promoted"


def test_the_title_does_not_go_back_to_a_version_whose_evidence_was_changed(kept):
    client, uri, folder = kept
    assert promote(client, uri, NAME, POLICY, "2").moved
    assert rollback(client, uri, NAME) == ("1", "2")
    all_pass(folder)
    with pytest.raises(RegistryError, match="the title stays with version 1: version 2: .* were changed after"):
        rollback(client, uri, NAME)
    assert holder(client, NAME, CHAMPION).version == 1


@pytest.mark.parametrize("attack", [two_that_pass, all_pass, sampling, sampling_with_digest])
def test_registering_again_mends_what_was_changed(kept, attack):
    client, uri, folder = kept
    attack(folder)
    again = register(client, uri, "quintain", NAME, better())
    assert (again.version, again.created) == ("2", False)
    assert promote(client, uri, NAME, POLICY, "2", dry_run=True).decision.outcome == "promoted"


def test_the_same_weights_with_other_judgements_are_another_version(kept):
    client, uri, _ = kept
    assert register(client, uri, "quintain", NAME, candidate("better", "b" * 64, half, pack=PACK)).version == "3"


def test_a_scorecard_comes_back_whole(kept):
    client, _, folder = kept
    found = read_measured(client, client.get_model_version(NAME, "2"))["pack"].scorecard
    assert found == Scorecard.from_dict(json.loads((folder / "scorecard.json").read_text()))
