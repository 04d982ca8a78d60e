"""The oracle as referee: exact, and wrong on purpose where it is asked to be."""

import random
from statistics import fmean

import pytest

from quintain.almanac.instructions import read_instruction
from quintain.almanac.referee import RefereeFlaws, review
from quintain.almanac.responses import respond
from quintain.almanac.users import user_instructions
from quintain.almanac.world import world_as_json
from quintain.errors import ConfigError
from quintain.models.language_model import Sampling
from quintain.models.oracle import OracleModel
from quintain.models.roles import Roles, bind
from quintain.prompts import request
from tests.oracle_binding import oracle_binding


@pytest.fixture(scope="module")
def asked(world):
    """An instruction with two constraints, and a response that meets all."""
    text = next(
        one.text
        for one in user_instructions(world, 200, tail=1, skew=0, seed=0)
        if one.category == "style" and one.origin.knobs["level"] == "2"
    )
    task = read_instruction(world, text)
    return text, respond(task, world.facts[task.subject], random.Random(0))


def scores(world, asked, shown, seed=0, **flaws):
    return review(world, asked[0], shown, RefereeFlaws(**flaws), random.Random(seed))


def test_everything_met_is_10_and_nothing_is_1(world, asked):
    assert scores(world, asked, (asked[1], "")) == (10.0, 1.0)
    assert scores(world, asked, ("", asked[1])) == (1.0, 10.0)


def test_witnesses_of_all_categories_score_10(world):
    for one in user_instructions(world, 200, tail=0, skew=0, seed=1):
        task = read_instruction(world, one.text)
        witness = respond(task, world.facts[task.subject], random.Random(one.id))
        assert scores(world, (one.text,), (witness, witness)) == (10.0, 10.0)


def test_a_bias_takes_points_from_the_second_place_or_the_first(world, asked):
    assert scores(world, asked, (asked[1], asked[1]), position_bias=1.5) == (10.0, 8.5)
    assert scores(world, asked, (asked[1], asked[1]), position_bias=-2.0) == (8.0, 10.0)


def test_noise_has_the_asked_size_and_failures_the_asked_share(world, asked):
    noisy = [scores(world, asked, ("", asked[1]), seed, noise=1.0) for seed in range(300)]
    # clipped at 10, a normal loses half its points on average .40
    assert fmean(10 - second for _, second in noisy) == pytest.approx(0.4, abs=0.12)
    unread = [scores(world, asked, ("", asked[1]), seed, parse_failures=0.2) is None for seed in range(500)]
    assert fmean(unread) == pytest.approx(0.2, abs=0.06)


@pytest.mark.parametrize(
    ("flaws", "message"),
    [({"noise": -1}, "noise must be at least 0"), ({"parse_failures": 1.5}, r"parse_failures must be in \[0, 1\]")],
)
def test_flaws_out_of_range_are_refused(flaws, message):
    with pytest.raises(ValueError, match=message):
        RefereeFlaws(**flaws)


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("lion/referee", "Constraints and facts were counted.\nAssistant 1: 10.0\nAssistant 2: 1.0"),
        ("lion/referee_scores_first", "10.0 1.0\nConstraints and facts were counted."),
    ],
)
def test_it_speaks_both_dialects(world, asked, prompt, text):
    model = OracleModel(world_as_json(world), Sampling())
    fields = {"instruction": asked[0], "first": asked[1], "second": ""}
    assert model.generate([request(prompt, fields)])[0].text == text


def test_a_flawed_oracle_is_another_model(world, tmp_path):
    document = world_as_json(world)
    flaws = {"position_bias": 1.0}

    def named(**settings):
        roles = Roles(
            ledger=str(tmp_path / "l.sqlite"), bindings={"referee": oracle_binding(tmp_path, document, **settings)}
        )
        return bind("referee", roles).name

    assert named() != named(flaws=flaws)
    with pytest.raises(ConfigError, match=r"roles.bindings.referee.flaws: .*mood"):
        named(flaws={"mood": 1})
