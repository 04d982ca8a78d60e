"""Pages that would cost a parser minutes are known by their structure, before anything is parsed."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintain.web.overload import MAX_ATTRIBUTES, MAX_OPEN_ELEMENTS, is_suspect, most_open_elements, overload


@pytest.mark.parametrize(
    "attribute",
    [
        "a{}", "a{}=1", "a{}='1'", 'a{}="1"', 'a{}="<>"', "a{}='a > b'", 'a{} = "1"', 'a{}\n=\t"1"', "a{}/", "a{}=b=c",
        "a{}'", "a{}=1'", 'a="{}"', 'data-a=">{}<"', 'a="{}"/',
    ],
)  # fmt: skip
def test_attributes_are_counted_however_they_are_written(attribute):
    within, over = (
        f"<br><p {' '.join(attribute.format(n) for n in range(count))}>Text." for count in (MAX_ATTRIBUTES, 1001)
    )
    assert overload(within) == ""
    assert overload(over) == "the tag at character 4 has more than 1,000 attributes"


@given(st.integers(0, 1001))
@settings(max_examples=30, deadline=None)
def test_attributes_of_the_usual_form_count_with_those_that_follow_in_others(usual):
    tag = "<p" + ' a="1>"' * usual + " b='1'" * (1001 - usual)
    assert overload(tag + ">")
    assert overload(tag.replace(" b='1'", "", 1).replace(' a="1>"', "", usual == 1001) + " />Text.") == ""


def test_attributes_without_space_between_are_counted():
    assert overload("<p " + 'a="1"' * 1001 + ">")


def test_many_tags_of_few_attributes_are_an_ordinary_page():
    assert overload("<p a b c d e f g h i j>Text. 1 < 2 <3</p>" * 1000) == ""


def test_a_long_attribute_is_an_ordinary_picture():
    assert overload(f'<img src="data:image/png;base64,{"A b/" * 100_000}">') == ""


@pytest.mark.parametrize("pattern", ["<div>", "<div></b>", "<i>one</div>", "<div><object></div></object>", "<DIV \n>"])
def test_elements_that_stay_open_are_counted_whatever_stands_between(pattern):
    assert overload(pattern * (MAX_OPEN_ELEMENTS - 1)) == ""
    assert overload(pattern * (MAX_OPEN_ELEMENTS + 1)) == "more than 10,000 elements are open at once"


@pytest.mark.parametrize(
    "pattern", ["<div><b>one</b></div>", "<p>one", "<ul><li>one<li>two</ul>", "<br><img>", "1 < 2"]
)
def test_a_long_page_is_no_deep_page(pattern):
    assert overload(pattern * 20_000) == ""


def test_open_elements_are_counted_where_most_are_open():
    assert most_open_elements("<main><div></div><div><b></b></div></main>") == 3
    assert most_open_elements("") == 0


# Each is as long as a page may be. The limit is far above the 0.5 s that the slowest takes, and far below the minutes
# of a search that starts anew at every tag.
@pytest.mark.parametrize(
    "pattern", ["<", "<a ", "<a b='", "<a b=\"<a b='", "</div>", "<a b='\"", "<a b = ", " \t", "=<a"]
)
def test_the_check_itself_cannot_be_stalled(pattern):
    page = pattern * (5_000_000 // len(pattern))
    start = time.process_time()
    overload(page)
    assert time.process_time() - start < 10


PAGE = "<html><body><p class='intro'>A page as there are many.</p>" * 500
ATTRIBUTES = " ".join(f'attribute{n}="{n}"' for n in range(5000))


@pytest.mark.parametrize("before", ["", PAGE, PAGE[:4321]])
@pytest.mark.parametrize(
    "hostile",
    [f"<p {ATTRIBUTES}>", *(tag * (MAX_OPEN_ELEMENTS + 1) for tag in ("<b>", "<div>", "<div class='box'>one "))],
)
def test_samples_give_reason_to_check_a_page_that_would_stall_a_parser(before, hostile):
    page = before + hostile + PAGE
    assert overload(page)
    assert is_suspect(page)


@pytest.mark.parametrize(
    "page",
    [
        "",
        PAGE * 5,
        f"<script>{'if(a < b){c()};' * 2000}</script>",
        f"<p>{'A long text. ' * 5000}</p>",
        "no markup" * 5000,
    ],
)
def test_samples_pass_an_ordinary_page(page):
    assert not is_suspect(page)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>/='\" \nab!-", max_size=300))
def test_small_pages_are_never_refused(markup):
    assert overload(markup) == ""
