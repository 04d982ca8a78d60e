"""The page of weights and rewards: every token with its colour, nothing that a stranger's text could break."""

import re

from quintain.reporting.token_credit import token_credit_page


def token(text, weight=1.0, reward=0.0, edited=0):
    return {"text": text, "weight": weight, "reward": reward, "edited": edited}


PAIR = {
    "prompt": "Who?\n<script>alert(1)</script>",
    "margin": 0.3,
    "sides": [
        {"name": "chosen", "reward": 0.2, "tokens": [token("Robin", 3.0, 0.2, 1), token("&co", 2.0, -0.1)]},
        {"name": "rejected", "reward": -0.1, "tokens": [token("<b>", 1.0, -0.1)]},
    ],
}


def test_texts_of_strangers_are_shown_and_never_run():
    page = token_credit_page("bmc", [PAIR], {"accuracy": 0.75})
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;" in page
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(?!data:,)', page)


def test_the_heaviest_token_is_the_darkest_and_an_edited_one_is_marked():
    page = token_credit_page("bmc", [PAIR], {})
    # Weights 1 to 3: the share of 3 is 1, of 2 a half, of 1 none.
    assert re.findall(r"rgb\(230 159 0 / calc\((\S+) \*", page) == ["1.00", "0.50", "0.00"]
    assert len(re.findall(r'class="edited" title="λ 3.00, reward \+0.200">Robin<', page)) == 2


def test_rewards_gained_and_lost_have_two_colours():
    page = token_credit_page("bmc", [PAIR], {})
    # √(0.1 / 0.2) = 0.71
    assert "rgb(0 114 178 / calc(1.00 *" in page
    assert page.count("rgb(213 94 0 / calc(0.71 *") == 2


def test_a_training_without_weights_still_has_a_page():
    plain = {**PAIR, "sides": [{"name": "chosen", "reward": 0.0, "tokens": [token("Robin")]}]}
    assert "Robin" in token_credit_page("dpo", [plain], {})
    assert "Where dpo looks" in token_credit_page("dpo", [], {})
