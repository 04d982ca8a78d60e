"""Benchmarks by name: built in, or offered by another package through an entry point."""

import sys

import pytest

from quintain.benchmarks import Benchmark
from quintain.benchmarks.registry import BUILT_IN, benchmark_names, find_benchmark, make_benchmark
from quintain.errors import ConfigError

PLUGIN = """
from quintain.benchmarks import Benchmark, Item

class Sums(Benchmark):
    name = "sums"
    def __init__(self, *, largest=3):
        if largest < 1:
            raise ValueError(f"largest must be positive, got {largest}")
        self.largest = largest
    def load_items(self):
        return [Item(prompt=f"2 + {n}?", target=str(2 + n)) for n in range(self.largest)]
    def judge(self, item, response):
        return self.judged(item, response, score=float(item.target in response))
"""


@pytest.fixture
def offer(tmp_path, monkeypatch):
    """Offers entry points of a package that stands in a folder on the path."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def offer(points, source=PLUGIN, package="plugin"):
        (tmp_path / f"{package}.py").write_text(source)
        info = tmp_path / f"{package}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[quintain.benchmarks]\n{points}\n")

    yield offer
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_every_built_in_benchmark_is_found_and_is_one():
    for name in BUILT_IN:
        assert issubclass(find_benchmark(name), Benchmark)
    assert set(BUILT_IN) <= set(benchmark_names())


def test_another_package_offers_one(offer):
    offer("sums = plugin:Sums")
    assert "sums" in benchmark_names()
    made = make_benchmark("sums", "small_sums", {"largest": 2})
    assert [item.prompt for item in made.items] == ["2 + 0?", "2 + 1?"]
    assert (made.name, made.identity.name, made.identity.rules) == ("small_sums", "small_sums", "sums")


def test_a_name_that_nobody_offers_names_the_close_one_and_all():
    with pytest.raises(ConfigError, match=r"no package offers .* 'followbanch'; did you mean 'followbench'\? "):
        find_benchmark("followbanch")
    with pytest.raises(ConfigError, match=r"'x'; there are almanac, exact.*See `benchmarks` in lifecycle\.yml"):
        find_benchmark("x")


def test_two_packages_with_one_name_are_refused(offer):
    offer("sums = plugin:Sums")
    offer("sums = other:Sums", package="other")
    with pytest.raises(ConfigError, match=r"several packages offer a benchmark 'sums': other:Sums, plugin:Sums"):
        find_benchmark("sums")


@pytest.mark.parametrize(
    ("source", "points", "message"),
    [
        ("raise RuntimeError('no licence')", "sums = plugin:Sums",
         r"benchmark 'sums' \(plugin:Sums, of plugin\) cannot be imported: RuntimeError: no licence\. Mend"),
        (PLUGIN, "sums = plugin:Item", r"'sums' \(plugin:Item, of plugin\) is no subclass of quintain\.benchmarks\."),
        (PLUGIN, "sums = plugin:Gone", r"'sums' \(plugin:Gone, of plugin\) is no subclass"),
        (PLUGIN, "sums = nowhere:Sums", r"cannot be imported: ModuleNotFoundError: No module named 'nowhere'"),
    ],
)  # fmt: skip
def test_a_broken_package_is_one_clear_error(offer, source, points, message):
    offer(points, source)
    with pytest.raises(ConfigError, match=message):
        find_benchmark("sums")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"smallest": 1}, r"'sums': got an unexpected keyword argument 'smallest'; its settings in the catalog "
                          r"\(sums\.items@benchmark\): largest"),
        ({"largest": 0}, r"'sums': largest must be positive, got 0 \(sums\.items@benchmark in the catalog\)"),
    ],
)  # fmt: skip
def test_a_wrong_setting_names_the_entry_of_the_catalog(offer, settings, message):
    offer("sums = plugin:Sums")
    with pytest.raises(ConfigError, match=message):
        make_benchmark("sums", settings=settings)
