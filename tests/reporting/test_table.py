from quintain.reporting.table import leaderboard_table


def test_a_row_holds_percentages_csl_and_how_much_was_scored(scorecard):
    assert leaderboard_table([scorecard("webr", 0.9)]).splitlines() == [
        "| model | HSR L1 |   L2 |   L3 |   L4 |   L5 | mean |  SSR |  CSL |  scored |",
        "| :---- | -----: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ------: |",
        "| webr  |   90.0 | 80.0 | 70.0 | 60.0 | 50.0 | 70.0 | 70.0 | 2.50 | 850/900 |",
    ]


def test_what_was_not_scored_is_a_dash(scorecard):
    card = scorecard("webr")
    card["macro"] |= {"hsr": [None] * 5, "hsr_mean": None, "ssr_mean": None, "csl": None}
    assert leaderboard_table([card]).splitlines()[-1].split("|")[2:10] == [
        "      – ",
        *["  – "] * 4,
        "    – ",
        "   – ",
        "   – ",
    ]


def test_a_name_cannot_break_the_table(scorecard):
    lines = leaderboard_table([scorecard("a|b"), scorecard("webr")]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert "a\\|b" in lines[2]
