"""promotion.yml says for every benchmark what counts, and its former form is still read."""

import dataclasses
from pathlib import Path

import pytest
import yaml

from quintain.errors import ConfigError
from quintain.registry.policy import BenchmarkPolicy, promotion_policy

CONF = Path(__file__).parents[2] / "conf/base/promotion.yml"
DOCUMENT = {
    "benchmarks": {"almanac": {"margin": 0.03}, "default": {"margin": 0.1, "tier": "advisory"}},
    "most_unread": 0.01,
}


def test_a_benchmark_has_its_own_entry_or_the_default_one():
    policy = promotion_policy(DOCUMENT)
    assert policy.of("almanac") == BenchmarkPolicy(margin=0.03, tier="critical")
    assert policy.of("ifeval") == BenchmarkPolicy(margin=0.1, tier="advisory")


def test_without_a_default_a_benchmark_must_be_named():
    policy = promotion_policy({**DOCUMENT, "benchmarks": {"almanac": {"margin": 0.05}}})
    with pytest.raises(ConfigError, match="no entry for the benchmark ifeval; add `ifeval: {margin"):
        policy.of("ifeval")


def test_the_form_of_one_margin_is_read_with_one_line_that_says_how_to_write_it(caplog):
    former = {"margin": 0.05, "most_unread": 0.01, "floors": {"hsr_mean": 0.3, "edit.success": 0.9}}
    policy = promotion_policy(former)
    assert policy.of("almanac") == BenchmarkPolicy(margin=0.05, floors={"hsr_mean": 0.3})
    assert policy.floors == {"edit.success": 0.9}
    (line,) = caplog.messages
    assert "write `benchmarks: {default: {margin: 0.05, tier: critical, floors: {hsr_mean: 0.3}}}`" in line


def test_the_shipped_policy_is_todays_margin_on_the_almanac(caplog):
    policy = promotion_policy(yaml.safe_load(CONF.read_text()))
    assert policy.of("almanac") == BenchmarkPolicy(margin=0.05)
    assert (policy.most_unread, policy.must_improve, policy.replicates) == (0.01, ["bmc"], 2000)
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"benchmarks": {"almanac": {"margin": 1.5}}}, "benchmarks.almanac.margin: must be in"),
        (
            {"benchmarks": {"almanac": {"margin": 0.1, "tier": "fatal"}}},
            "tier: must be one of critical, supporting, advisory",
        ),
        ({"benchmarks": {"almanac": {"margn": 0.1}}}, "benchmarks.almanac.margn: there is no .* mean margin"),
        ({"benchmarks": {"almanac": 0.05}}, "benchmarks.almanac: "),
        ({"benchmarks": {}}, "it lacks `benchmarks`"),
        ({"margin": 0.05}, "both `margin`, the form of version 0.1, and `benchmarks`"),
        ({"confidence": 95}, "confidence: must be in"),
        ({"most_unread": 2}, "most_unread: must be in"),
        ({"floors": {"hsr_mean": 0.3}}, "floors know edit.success, .*, not hsr_mean; a benchmark's measures have"),
        ({"kind": 1}, "kind"),
    ],
)
def test_a_policy_out_of_range_is_refused(wrong, message):
    with pytest.raises(ConfigError, match=f"conf/base/promotion.yml: .*{message}"):
        promotion_policy({**DOCUMENT, **wrong})


def test_a_policy_travels_as_plain_numbers():
    plain = dataclasses.asdict(promotion_policy(DOCUMENT))
    assert promotion_policy(plain) == promotion_policy(DOCUMENT)
