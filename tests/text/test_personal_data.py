"""Personal data in texts: found where a check or a form tells it, and nothing else taken for it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintain.records import Dropped, RawPage, WebPage
from quintain.text import personal_data
from quintain.text.personal_data import find_personal, is_card, is_iban, masked
from quintain.web import PageLimits, extract
from quintain.web.extraction import masked_counts


def found(text, **kinds):
    return [(one.kind, text[one.start : one.end]) for one in find_personal(text, **kinds)]


@pytest.mark.parametrize(
    "mail", ["a.b+c@d-e.co.uk", "x_1@y.org", "jürgen@müller.example", "x (at) y.org", "foo [at] bar [dot] com"]
)
def test_mail_addresses(mail):
    assert found(f"Write to {mail}, please.") == [("mail", mail)]


@pytest.mark.parametrize(
    "iban",
    ["DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "GB82 WEST 1234 5698 7654 32",
     "FR14 2004 1010 0505 0001 3M02 606", "NO93 8601 1117 947", "mt84malt011000012345mtlcast001s"],
)  # fmt: skip
def test_ibans_of_many_countries(iban):
    assert found(f"Pay to {iban} and wait.") == [("iban", iban)]


def test_an_iban_whose_check_or_length_is_wrong_is_none():
    assert not is_iban("DE88370400440532013000")  # one more in the check digits
    assert not is_iban("DE8937040044053201300")
    assert not is_iban("XX89370400440532013000")
    assert not found("Model DE89 3704 0044 0532 0130 01", kinds=["iban"])


@pytest.mark.parametrize(
    "card",
    ["4111 1111 1111 1111", "4111-1111-1111-1111", "4222222222222", "378282246310005", "3782 822463 10005",
     "5555555555554444", "2221000000000009", "6011 1111 1111 1117", "30569309025904", "3530111333300000"],
)  # fmt: skip
def test_card_numbers_of_many_issuers(card):
    assert found(f"Card {card}, valid 12/29") == [("card", card)]
    assert found(f"Card {card} 12/29") == [("card", card)]


def test_luhns_sum_by_hand():
    # 79927398713: doubled from the right 7+2+9+4+7+6+9+7+7+2+... the sum is 70; as a card it has no issuer
    assert not is_card("79927398713")
    # 4111111111111111: every second digit from the left is doubled: 8+1+2+1*... = 8 + 7*2 + 8*1 = 30
    assert is_card("4111111111111111")
    assert not any(is_card(f"411111111111111{last}") for last in (0, *range(2, 10)))


@pytest.mark.parametrize(
    "phone",
    ["+49 (0)30 1234567", "+1 415 555 2671", "+442079460958", "0049 30 123456", "(415) 555-2671", "415-555-2671",
     "030 1234567", "01 23 45 67 89", "020 7946 0958", "0171/1234567"],
)  # fmt: skip
def test_telephone_numbers(phone):
    assert found(f"Call {phone} today.") == [("phone", phone)]


def test_a_word_before_it_makes_a_short_number_a_telephone_number():
    assert found("Tel.: 555 2671") == [("phone", "555 2671")]
    assert found("Room 555 2671") == []


@pytest.mark.parametrize(
    "text",
    [
        "On 2012-11-04, 04.11.2012 and 04-11-2012, from 12:30 to 13:45.",
        "At 192.168.10.12 they counted 1,234,567 and 0.123456789 of 1 000 000 000 000.",
        "ISBN 978-3-16-148410-0, 1990-2000, pp. 100-200, 2.718281828459045",
        "Follow @handle, look at @home, meet at 5.",
        "4111 1111 1111 1112",
    ],
)
def test_dates_numbers_and_handles_are_no_personal_data(text):
    assert found(text) == []


def test_only_the_kinds_that_are_asked_for_are_looked_for():
    assert found("a@b.example +49 30 1234567", kinds=["phone"]) == [("phone", "+49 30 1234567")]


TEXT = "Ten ships lay in the harbour. Write to a@b.example or c@d.example, or pay to DE89 3704 0044 0532 0130 00."


def page(**limits):
    raw = RawPage(url="a", html=f"Ships of x@y.example\n====\n{TEXT}".encode(), is_text=True)
    return extract(raw, PageLimits(min_words=3, min_stop_words=0, **limits))


def test_masked_pages_say_what_was_masked_and_are_counted():
    masking = page(personal_data="mask")
    assert isinstance(masking, WebPage)
    assert masking.text.endswith("Write to [mail] or [mail], or pay to [iban].")
    assert masking.title == "Ships of [mail]"
    # three in the text, the heading among them, and one in the title
    assert masking.origin.knobs["masked"] == "iban: 1, mail: 4"
    assert masked_counts([masking, masking]) == {"iban": 2, "mail": 8}


def test_dropped_pages_name_the_kind_and_show_none_of_it():
    dropped = page(personal_data="drop")
    assert isinstance(dropped, Dropped)
    assert (dropped.stage, dropped.reason) == ("personal-data", "mail")
    assert "@" not in dropped.text
    short = page(personal_data="mask", max_words=4)
    assert (short.stage, "@" in short.text) == ("quality", False)


def test_pages_are_left_alone_unless_it_is_said_otherwise():
    assert TEXT in page().text


@given(st.text("+0123456789 .-()@aDE[]t", max_size=200))
def test_stretches_lie_in_order_and_apart_and_masking_takes_them_all(text):
    stretches = find_personal(text)
    assert all(one.start < one.end <= other.start for one, other in pairwise(stretches))
    # Nothing is lost outside of the stretches.
    kept = len(text) - sum(one.end - one.start for one in stretches)
    assert len(masked(text, stretches)) == kept + sum(len(f"[{one.kind}]") for one in stretches)


@pytest.mark.parametrize("unit", ["0 1 ", "123 4567 ", "4111 1111 1111 1112 "])
def test_the_groups_of_a_long_run_of_digits_are_looked_at_a_few_times_each(unit, monkeypatch):
    looked = []
    is_grouped_card = personal_data._is_grouped_card
    monkeypatch.setattr(
        personal_data, "_is_grouped_card", lambda text, groups: looked.append(1) or is_grouped_card(text, groups)
    )
    text = unit * 1000
    find_personal(text, ["card"])
    assert len(looked) <= 6 * len(text.split())
