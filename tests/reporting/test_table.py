from quintain.reporting.table import leaderboard_table, ranking_table


def test_a_row_holds_percentages_csl_and_how_much_was_scored(scorecard):
    assert leaderboard_table({"webr": scorecard("webr", 0.9)}).splitlines() == [
        "| model | HSR L1 |   L2 |   L3 |   L4 |   L5 | mean |  SSR |  CSL |  scored |",
        "| :---- | -----: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ------: |",
        "| webr  |   90.0 | 80.0 | 70.0 | 60.0 | 50.0 | 70.0 | 70.0 | 2.50 | 850/900 |",
    ]


def test_what_was_not_scored_is_a_dash(scorecard):
    card = scorecard("webr", holes=(1, 2, 3, 4, 5))
    assert [cell.strip() for cell in leaderboard_table({"webr": card}).splitlines()[-1].split("|")[2:10]] == ["–"] * 8


def test_a_name_cannot_break_the_table(scorecard):
    lines = leaderboard_table({"a|b": scorecard("a|b"), "webr": scorecard("webr")}).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert "a\\|b" in lines[2]


def test_no_model_is_a_header():
    assert leaderboard_table({}).splitlines()[0] == "| model | scored |"


def test_a_benchmark_without_levels_has_a_column_per_measure(flat_scorecard):
    head, _, row = leaderboard_table({"webr": flat_scorecard}).splitlines()
    assert [cell.strip() for cell in head.split("|")[1:-1]] == [
        "model", "prompt strict", "instruction strict", "prompt loose", "instruction loose", "scored",
    ]  # fmt: skip
    assert [cell.strip() for cell in row.split("|")[1:-1]] == ["webr", "40.0", "50.0", "45.0", "55.0", "541/541"]


def test_the_ranking_has_a_column_for_the_headline_of_every_further_benchmark(scorecard, flat_scorecard):
    cards = {"webr": scorecard("webr", 0.9), "base": scorecard("base", 0.8)}
    head, _, webr, base = ranking_table(cards, {"webr": "a"}, {"webr": {"ifeval": flat_scorecard}}).splitlines()
    assert [cell.strip() for cell in head.split("|")[1:-1]] == [
        "model", "small HSR", "95 %", "letters", "SSR", "CSL", "L1", "L2", "L3", "L4", "L5", "ifeval prompt strict",
        "scored",
    ]  # fmt: skip
    # One benchmark alone is named below the table.
    assert ranking_table(cards, {}, {}).split("|")[2].strip() == "HSR"
    # mean of .9 .8 .7 .6 .5, ten points to each side
    assert [cell.strip() for cell in webr.split("|")[1:6]] == ["webr", "70.0", "60.0 to 80.0", "a", "70.0"]
    assert [cell.strip() for cell in webr.split("|")[-3:-1]] == ["40.0", "850/900"]
    assert [cell.strip() for cell in base.split("|")[-3:-1]] == ["–", "850/900"]
