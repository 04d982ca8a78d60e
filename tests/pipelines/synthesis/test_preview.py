"""Some rows before a run: those that the run begins with, and paid once."""

from quintain.almanac.pages import web_pages
from quintain.methods.webr import plan
from quintain.models.roles import Roles, bind
from quintain.pipelines.synthesis.preview import first_drafts, preview_rows
from quintain.records import WebPage
from quintain.reporting.preview import preview_page
from tests.pipelines.synthesis.pages_to_pairs import ORACLE, run
from tests.scripted_model import Scripted

PAGES = [WebPage(url=f"https://a.example/{n}", text=f"The page number {n} says that ships left.") for n in range(30)]


def test_the_first_drafts_are_those_of_the_plan(parameters):
    assert first_drafts(PAGES, parameters.method, 5) == plan(PAGES, parameters.method)[:5]
    assert len(first_drafts(PAGES[:3], parameters.method, 5)) == 3
    assert first_drafts([], parameters.method, 5) == []


def test_each_row_has_its_steps_and_says_where_it_ended(parameters):
    def teacher(request):
        return "I'm sorry, I can't." if request.prompt.startswith("webr/instruction_request") else f"At {request.id}."

    drafts = first_drafts(PAGES, parameters.method, 9)
    rows = preview_rows(
        drafts, parameters.method, Scripted("A clerk."), Scripted(teacher), parameters.decontamination, []
    )
    assert [row.draft.page.id for row in rows] == [draft.page.id for draft in drafts]
    for row in rows:
        if row.draft.kind == "web-as-instruction":
            assert (row.dropped, row.pair, [step.name for step in row.steps]) == (
                "request: refusal", None, ["author", "request"],
            )  # fmt: skip
        else:
            assert [step.name for step in row.steps] == ["author", "request", "response", "refinement"]
            assert row.pair.response == row.steps[-1].completion.text
    page = preview_page(rows, ("author", "request", "response", "refinement"), [("calls", "9")])
    assert page.count("dropped at request: refusal") == sum(bool(row.dropped) for row in rows)
    assert "<script" not in page


def test_what_a_preview_asked_the_run_does_not_ask_again(catalog, parameters, world):
    assert list(web_pages(world, count=1, fresh_share=0, seed=0))
    roles = Roles(ledger="data/ledger.sqlite", bindings=ORACLE)
    run(catalog)  # the pages of the run
    author, teacher = bind("author", roles, stage="synthesis"), bind("teacher", roles, stage="synthesis")
    drafts = first_drafts(catalog.load("pages"), parameters.method, 10)
    preview_rows(drafts, parameters.method, author, teacher, parameters.decontamination, [])
    assert (author.asked, teacher.asked) == (0, 0)
