"""The world in files, and the smallest student that grows up in it."""

import pytest

from quintain.almanac.world import world_as_json
from quintain.pipelines.world import nodes
from quintain.pipelines.world.nodes import AlmanacPackParams, PageParams, QuestionParams, SeedParams, TokenizerParams
from quintain.training.pretraining import ArchitectureParams, PretrainingParams

ARCHITECTURE = ArchitectureParams(hidden_size=16, layers=1, heads=2, feed_forward=16)
PRETRAINING = PretrainingParams(tokens=3000, tokens_per_step=500)


@pytest.fixture(scope="module")
def document(world):
    return world_as_json(world)


@pytest.fixture(scope="module")
def tokenizer(document):
    return nodes.train_tokenizer(document, TokenizerParams(vocab_size=700, passages=50), ARCHITECTURE, PRETRAINING)


@pytest.mark.parametrize(("share", "fresh"), [(0.0, 0), (1.0, 20)])
def test_a_share_of_the_pages_is_about_towns_that_stand_nowhere_else(document, world, share, fresh):
    pages = nodes.write_pages(document, PageParams(count=20, fresh_share=share, seed=0))
    assert len(pages) == 20
    assert sum(any(town.encode() in page.html for town in world.fresh_towns) for page in pages) == fresh


def test_the_pack_has_a_group_per_category_and_an_item_per_level(document):
    pack = nodes.build_pack(document, AlmanacPackParams(groups_per_category=2, seed=0))
    # 6 categories, 2 groups, 5 levels
    assert len(pack) == 60
    assert {item.level for item in pack} == {1, 2, 3, 4, 5}
    assert len({item.category for item in pack}) == 6


def test_questions_come_as_rows_of_two_tasks(document):
    rows = nodes.draw_questions(document, QuestionParams(count=12, seed=0))
    assert {name: len(each) for name, each in rows.items()} == {"arithmetic": 12, "two_hop": 12}
    assert rows["two_hop"][0].keys() == {"question", "options", "gold"}


def test_users_ask_for_as_much_as_is_wanted_and_for_the_same_every_time(document):
    params = SeedParams(count=12, tail=1.0, skew=1.0, seed=0)
    seeds = nodes.draw_seeds(document, params)
    assert len(seeds) == 12
    assert nodes.draw_seeds(document, params) == seeds


@pytest.mark.parametrize(
    ("kind", "settings", "said"),
    [
        (PageParams, {"count": 0, "fresh_share": 0.5}, "count must be at least 1, got 0"),
        (PageParams, {"count": 1, "fresh_share": 1.5}, r"fresh_share must be in \[0, 1\], got 1.5"),
        (SeedParams, {"count": 1, "tail": -1.0, "skew": 0.0}, "tail must be at least 0, got -1.0"),
    ],
)
def test_a_size_out_of_range_is_refused(kind, settings, said):
    with pytest.raises(ValueError, match=said):
        kind(**settings, seed=0)


def test_every_name_of_the_world_is_one_token(tokenizer, world):
    assert len(tokenizer) <= 700
    assert [name for name in world.names if len(tokenizer.tokenize(name)) > 1] == []


@pytest.fixture(scope="module")
def pretrained(document, tokenizer, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("project"))
        return nodes.pretrain_base(document, tokenizer, ARCHITECTURE, PRETRAINING)


def test_a_student_is_trained_and_its_curve_ends_where_the_summary_says(pretrained, tokenizer):
    (model, same), curve, summary = pretrained
    assert same is tokenizer
    assert model.num_parameters() == summary["parameters"]
    assert summary["tokens"] == curve["tokens"].iloc[-1] >= 3000
    assert (summary["steps"], summary["last_loss"]) == (curve["step"].iloc[-1], curve["loss"].iloc[-1])


def test_a_student_that_learned_next_to_nothing_knows_no_fact_and_keeps_its_summary(document, pretrained):
    student, _, summary = pretrained
    report = nodes.probe_base(document, student, summary, PRETRAINING)
    # Six steps of 500 tokens: names of 8 towns are guessed at best.
    assert 0 <= report.pop("recall") < 0.5
    assert 0 <= report.pop("reading") < 0.5
    assert report == summary
