"""The retention report names what flipped, and shows prompts only where they may be shown."""

from quintain.benchmarks.satisfaction.retention import Retained
from quintain.reporting.retention import retention_report, retention_table


def kept(gained=(), lost=(), low=-0.1, high=0.1):
    return Retained(
        before=0.5, after=0.45, difference=-0.05, low=low, high=high, n_items=1000, gained=gained, lost=lost
    )


def test_a_benchmark_has_a_line_and_its_categories_below_it_where_there_are_several():
    table = retention_table(
        {"almanac": {"": kept(), "style": kept(lost=("a",), high=-0.01), "format": kept()}, "gsm8k": {"": kept()}}
    )
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    assert [line[0] for line in lines] == ["**almanac**", "almanac, style", "almanac, format", "**gsm8k**"]
    assert lines[1][1:] == ["50.0", "45.0", "-5.0", "-10.0 to -1.0", "0", "1", "1,000", "lost"]


def test_what_flipped_is_listed_with_its_prompt_and_the_rest_counted():
    lost = tuple(f"id{n}" for n in range(12))
    report = retention_report("webr", "base", {"p": {"": kept(lost=lost)}}, {}, {"p": {"id0": "Write\n a  song."}})
    assert report.startswith("# webr against base, which it was made from\n")
    assert "- `id0` Write a song.\n- `id1`\n" in report
    assert "- and 2 more, in retention.json" in report
    assert "`id10`" not in report


def test_what_cannot_be_compared_is_named_with_the_reason():
    report = retention_report("webr", "base", {}, {"q": "measured on other terms"}, {})
    assert report == "# webr against base, which it was made from\n\nq: measured on other terms\n"
