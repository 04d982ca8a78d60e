"""The judged half of the evaluation, with the oracle and a babbling model on the bench."""

import json
import random
import re
import zlib

import pytest

from quintain.almanac.pack import task_of
from quintain.almanac.responses import respond
from quintain.almanac.world import world_as_json
from quintain.benchmarks import Benchmark, Item
from quintain.benchmarks.constraints import GivenItems
from quintain.benchmarks.judging.calibration import Floor
from quintain.datasets import ModelRef
from quintain.errors import ConfigError, ModelError, QualityError
from quintain.models.ledger import Ledger
from quintain.models.roles import Roles
from quintain.pipelines.evaluation.judges import JudgingParams, ask_judges, calibrate_judges
from quintain.pipelines.evaluation.nodes import judge_responses
from tests.endpoint_server import EndpointServer, said
from tests.oracle_binding import oracle_binding
from tests.pipelines.evaluation.asking import completion

STUDENT = ModelRef(path="data/06_models/base", digest="abc" * 8, size_bytes=1)
ORACLE = {"backend": "oracle", "world": "world.json"}


@pytest.fixture(scope="module")
def responses(world, pack):
    """The oracle's on odd levels, nonsense on even ones."""
    rng = random.Random(0)
    texts = [
        respond(task_of(item), world.facts[task_of(item).subject], rng) if item.level % 2 else "Hm." for item in pack
    ]
    return [completion(item, text) for item, text in zip(pack, texts, strict=True)]


@pytest.fixture
def evaluate(monkeypatch, tmp_path, world, almanac_under, responses):
    oracle_binding(tmp_path, world_as_json(world))
    monkeypatch.chdir(tmp_path)

    def run(judging=None, floor=None, rules="judge", **bindings):
        judging, floor = judging or JudgingParams(), floor or Floor(cases_per_category=4)
        roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings=bindings)
        benchmark = almanac_under(rules)
        ruled = judge_responses(benchmark, responses)
        calibration = calibrate_judges(benchmark, ruled, judging, {}, floor, roles)
        return calibration, *ask_judges(benchmark, ruled, calibration, STUDENT, judging, {}, roles)

    return run


@pytest.mark.parametrize("replies", ["structured", "list"])
def test_the_oracle_as_judge_says_what_the_rules_say(evaluate, almanac_under, responses, replies):
    exact = judge_responses(almanac_under("almanac"), responses)
    _, judgements, judging = evaluate(JudgingParams(replies=replies), judge=ORACLE)
    assert [each.hard for each in judgements] == [each.hard for each in exact]
    assert {each.by for each in judgements} == {f"judge:{judging['judges'][0]}"}
    assert judging["warnings"] == []


def test_a_judge_is_tried_in_all_six_categories_before_it_is_believed(evaluate):
    calibration, _, judging = evaluate(judge=ORACLE)
    (trial,) = calibration.values()
    assert sorted(trial["categories"]) == ["content", "example", "format", "mixed", "situation", "style"]
    assert trial["complaints"] == []
    for accuracy in trial["categories"].values():
        assert (accuracy["sensitivity"]["value"], accuracy["specificity"]["value"]) == (1.0, 1.0)
        # a judge that was tried on little is not proved perfect
        assert accuracy["specificity"]["interval"][0] < 0.9
    assert judging["calibration"] == calibration


def test_a_judge_that_babbles_is_refused_with_the_numbers(evaluate, tiny_student):
    babbler = {"backend": "local", "address": str(tiny_student), "sampling": {"max_new_tokens": 4}}
    with pytest.raises(
        QualityError, match=r"the judge local:tiny@.* is not fit to judge: \d+ of \d+ verdicts unread, the limit is 5%"
    ):
        evaluate(judge=babbler)


def test_a_second_judge_who_cannot_be_read_takes_no_vote_away(evaluate, tiny_student):
    babbler = {"backend": "local", "address": str(tiny_student), "sampling": {"max_new_tokens": 4}}
    believing = Floor(cases_per_category=0)
    _, alone, _ = evaluate(floor=believing, judge=ORACLE)
    _, together, judging = evaluate(floor=believing, judge=ORACLE, **{"judge/second": babbler})
    assert [each.satisfied for each in together] == [each.satisfied for each in alone]
    assert len(judging["judges"]) == 2
    assert judging["agreement"]["all"] is None  # no constraint has two verdicts
    assert "nothing is known of how well the judges do" in judging["warnings"][0]
    assert all(" + " in each.by for each in together)


def test_without_a_judge_the_items_stay_unscored_and_the_scorecard_says_so(evaluate):
    calibration, judgements, judging = evaluate()
    assert calibration == {}
    assert {each.by for each in judgements} == {"unscored:no-judge"}
    assert judging["warnings"] == ["60 items need a judge and none is bound (roles.bindings.judge)"]


def test_a_pack_with_rules_asks_nobody(evaluate, tmp_path):
    calibration, judgements, judging = evaluate(rules="almanac", judge=ORACLE)
    assert (calibration, judging) == ({}, {})
    assert {each.by for each in judgements} == {"rule:almanac"}
    assert not (tmp_path / "ledger.sqlite").exists()


def test_a_second_run_asks_no_judge_again(evaluate, tmp_path):
    evaluate(judge=ORACLE)
    before = {account.stage: account.calls for account in Ledger(tmp_path / "ledger.sqlite").accounts()}
    _, _, judging = evaluate(judge=ORACLE)
    after = {account.stage: account.calls for account in Ledger(tmp_path / "ledger.sqlite").accounts()}
    assert before == after
    assert {spent["calls"] for spent in judging["spent"].values()} == {0}


def test_the_authors_rules_go_with_the_authors_questions():
    theirs = GivenItems(name="fb", rules="upstream-parity")
    with pytest.raises(
        ConfigError, match=r"set evaluation\.by_benchmark\.fb\.judging to \{unit: item, replies: list\}"
    ):
        JudgingParams().questioning(theirs)
    how = JudgingParams(replies="list").questioning(GivenItems(name="fb", language="zh", rules="upstream-parity"))
    assert (how.reading, how.prompt) == ("upstream-parity", "followbench/judge_item_zh")


def test_a_benchmark_in_a_language_without_prompts_is_refused():
    with pytest.raises(ConfigError, match=r"evaluation\.judging: language must be one of en, zh, got 'de'"):
        JudgingParams().questioning(GivenItems(language="de"))


def test_judges_are_asked_about_constraints_only(tmp_path):
    class Free(Benchmark):
        name = "free"

        def load_items(self):
            return [Item(prompt="?")]

        def judge(self, item, response):
            return self.unscored(item, response, "no-judge")

    free = Free()
    ruled = [free.judge(free.items[0], "!")]
    roles = Roles(ledger=str(tmp_path / "ledger.sqlite"), bindings={"judge": ORACLE})
    with pytest.raises(ConfigError, match="benchmark 'free' leaves responses to judges.*ConstraintBenchmark"):
        ask_judges(free, ruled, {}, STUDENT, JudgingParams(), {}, roles)


def test_a_model_that_judges_itself_is_a_warning(tmp_path, pack, responses, tiny_student):
    from quintain.datasets.model_ref import model_ref

    roles = Roles(
        ledger=str(tmp_path / "ledger.sqlite"),
        bindings={"judge": {"backend": "local", "address": str(tiny_student), "sampling": {"max_new_tokens": 2}}},
    )
    one = GivenItems(pack[:1])
    ruled = judge_responses(one, responses[:1])
    _, judging = ask_judges(one, ruled, {}, model_ref(tiny_student), JudgingParams(), {}, roles)
    assert "judge is the model under test: it judges itself" in judging["warnings"]


# --- a judge behind an address ---------------------------------------------------------------------------------------


def verdicts_of(call, *verdicts):
    """As many verdicts as were asked for."""
    count = int(re.search(r"exactly (\d) object", call.prompt)[1])
    return said(json.dumps({"verdicts": [{"constraint": "", "quote": "", "satisfied": v} for v in verdicts[:count]]}))


def endpoint(address):
    return {"backend": "openai", "address": address, "model": "judge-1", "price": {"input": 1.0, "output": 1.0}}


def test_a_judge_that_says_yes_to_everything_is_refused(evaluate):
    refusal = pytest.raises(QualityError, match=r"specificity 0\.00 over all categories, the floor is 0\.70")
    with EndpointServer(lambda call: verdicts_of(call, *[True] * 5)) as server, refusal:
        evaluate(judge=endpoint(server.address))


def test_garbage_is_unread_and_paid_once(evaluate, pack):
    def reply(call):
        return said("I would rather not.") if call.order % 3 == 0 else verdicts_of(call, *[True] * 5)

    believing = Floor(cases_per_category=0)
    with EndpointServer(reply) as server:
        _, judgements, judging = evaluate(floor=believing, judge=endpoint(server.address))
        asked = len(server.calls)
        _, again, _ = evaluate(floor=believing, judge=endpoint(server.address))
        assert len(server.calls) == asked == len(pack)
    assert again == judgements
    unread = [each for each in judgements if None in each.satisfied]
    assert len(unread) == len(pack) // 3
    assert {each.raw for each in unread} == {"I would rather not."}
    (spent,) = judging["spent"].values()
    # one unit of money for a million tokens
    assert spent["money"] == pytest.approx((spent["prompt_tokens"] + spent["completion_tokens"]) / 1e6)


def test_a_judge_that_is_down_stops_the_run_and_says_where_it_should_be(evaluate):
    with EndpointServer(lambda call: said("")) as server:
        address = server.address
    with pytest.raises(ModelError, match=rf"{address} \(model judge-1\) cannot be reached"):
        evaluate(floor=Floor(cases_per_category=0), judge=endpoint(address))


def test_a_judge_that_is_too_slow_leaves_its_items_unread(evaluate, pack):
    slow = set()

    def reply(call):
        # What is slow stays so when it is asked again.
        if zlib.crc32(call.prompt.encode()) % 6:
            return verdicts_of(call, *[True] * 5)
        slow.add(call.prompt)
        return said("too late", after_seconds=30)

    with EndpointServer(reply) as server:
        hasty = endpoint(server.address) | {"timeout_seconds": 0.5, "deadline_seconds": 1.0, "attempts": 1}
        _, judgements, judging = evaluate(floor=Floor(cases_per_category=0), judge=hasty)
    late = [each for each in judgements if None in each.satisfied]
    assert len(late) == len(slow) > len(pack) // 20
    assert all("no answer within" in each.raw for each in late)
    (spent,) = judging["spent"].values()
    assert spent["failed"] == len(late)
