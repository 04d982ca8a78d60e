"""The table of the arms and the figure of the sweep."""

from quintain.reporting.arms import arms_table, draw_sweep

MEASURES = {
    "accuracy": 0.688, "margin": 0.043, "dpo_loss": 0.672, "displacement_chosen": -0.07, "kl_nats_per_token": 0.0079,
}  # fmt: skip


def training(arm, beta, effective, rate=3e-5, accuracy=0.688):
    measures = {**MEASURES, "accuracy": accuracy}
    return {
        "arm": arm, "beta": beta, "learning_rate": rate, "effective_beta": effective, "validation": measures,
        "test": measures,
    }  # fmt: skip


def test_the_table_has_a_row_for_each_arm_and_says_where_they_were_chosen():
    arm = {"arm": "BC-matched", "beta": 0.126, "effective_beta": 0.126, "learning_rate": 3e-5, **MEASURES}
    table = arms_table([arm], held_out=32, chosen_on=30)
    assert "the same 32 pairs that none has seen" in table
    assert "chosen on 30 other unseen pairs" in table
    assert "| BC-matched | 0.126 | 3.0e-05 | 0.126 | 68.8% | 0.043 | 0.672 | -0.07 | 0.0079 |" in table
    assert "chosen on" not in arms_table([arm], held_out=32, chosen_on=0)
    assert "Not compared" in arms_table([], 0, 0)


def test_an_arm_is_a_line_over_its_beta_in_effect_at_the_better_rate_of_each_beta():
    figure = draw_sweep([
        training("BMC", 0.1, 0.2),
        training("BMC", 0.3, 0.6, accuracy=0.5),
        training("BMC", 0.3, 0.7, 1e-4, accuracy=0.9),
        training("BC-matched", 0.2, 0.2),
    ])  # fmt: skip
    first, second = figure.axes[0].lines
    assert (first.get_label(), second.get_label()) == ("BMC", "BC-matched")
    assert list(first.get_xdata()) == [0.2, 0.7]
    assert list(first.get_ydata()) == [0.688, 0.9]
    assert len(figure.axes) == 3
    assert figure.get_size_inches()[0] * figure.dpi == 800


def test_betas_close_to_each_other_are_read_off_all_the_same_and_no_label_prints_over_the_next():
    def labels(*betas):
        axes = draw_sweep([training("BMC", beta, beta) for beta in betas]).axes[0]
        return [label.get_text() for label in axes.get_xticklabels()]

    # The axis is ln 2.35 = 0.85 long: 0.211 stands at ln 2.11 = 0.75, and 0.235 only 0.11 further.
    assert labels(0.1, 0.211, 0.235) == ["0.1", "0.21"]
    # A quarter of ln 100 is 1.15: ln (0.05 / 0.03) = 0.51 is too little, ln (0.1 / 0.03) = 1.20 and ln 4 = 1.39 do.
    assert labels(0.03, 0.05, 0.1, 0.4, 3.0) == ["0.03", "0.1", "0.4", "3"]


def test_a_sweep_of_nothing_is_an_empty_figure():
    assert [len(axes.lines) for axes in draw_sweep([]).axes] == [0, 0, 0]
