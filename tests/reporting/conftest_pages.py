"""Two models on a small pack, with everything that a page has to show."""

from contextlib import contextmanager

from quintain.benchmarks.constraints import GivenItems
from quintain.benchmarks.satisfaction.comparison import compare
from quintain.benchmarks.scoring import make_scorecard
from quintain.records import ConstraintItem, Judgement, Rule
from quintain.reporting.page import Section, Side, scorecard_page
from quintain.statistics.resampling import Resampling

HOSTILE = "</script><script>alert(1)</script> & <img src=x onerror=alert(2)> \u2028 <!--"
CATEGORIES = ("content", "style")


def items(groups=4):
    return [
        ConstraintItem(
            example_id=f"{category}-{group}",
            category=category,
            level=level,
            instruction=f"Write about {category} {group} with {level} rules.",
            rules=tuple(Rule(kind="in_first_sentence", value=f"word{n}") for n in range(level)),
        )
        for category in CATEGORIES
        for group in range(1, groups + 1)
        for level in range(1, 6)
    ]


def judged(pack, passes, response="a \N{GRINNING FACE} word0 here", evidence=True):
    """Judge every item by `passes(category, group, level)`; the evidence of constraint 1 is `word0`."""
    start = response.find("word0")
    span = (((start, start + 5),),) if evidence and start >= 0 else ((),)
    return [
        Judgement(
            item_id=item.id,
            example_id=item.example_id,
            category=item.category,
            level=item.level,
            satisfied=(bool(passes(item.category, int(item.example_id.rpartition("-")[2]), item.level)),) * item.level,
            base_task=True,
            by="rule:test",
            response=response,
            evidence=span * item.level,
        )
        for item in pack
    ]


def side(name, pack, judgements, rules="test"):
    card = make_scorecard(
        GivenItems(pack, name="small", rules=rules),
        judgements,
        model=name,
        model_digest="0" * 64,
        sampling={"temperature": 0.0},
        resampling=Resampling(replicates=100),
    )
    return Side(name, card, judgements)


def two_sides(pack=None, **fields):
    """The first passes levels 1-3, the second level 1 alone."""
    pack = pack or items()
    return [
        side("webr", pack, judged(pack, lambda _, group, level: level <= 3, **fields)),
        side("base", pack, judged(pack, lambda _, group, level: level == 1, **fields)),
    ]


def section(sides, pack=(), **fields):
    comparison = compare(sides[0].judgements, sides[1].judgements, Resampling(replicates=100)) if sides[1:] else None
    return Section(sides, comparison, pack, **fields)


def page(sides, pack=(), **fields):
    return scorecard_page([section(sides, pack, **fields)])


@contextmanager
def opened_quietly(browser, file):
    """Open a page; anything on the console, any dialog and any request beyond the file fails."""
    tab = browser.new_page()
    heard, asked = [], []
    tab.on("console", lambda message: heard.append(message.text))
    tab.on("pageerror", lambda error: heard.append(str(error)))
    tab.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(file.as_uri())
    yield tab
    tab.close()
    assert heard == []
    assert asked == [file.as_uri()]
