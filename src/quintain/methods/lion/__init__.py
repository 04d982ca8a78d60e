"""Lion: adversarial distillation. A referee finds what the student cannot do yet, a generator makes more of it.

Source: Jiang et al. 2023, "Lion: Adversarial Distillation of Proprietary Large Language Models", arXiv:2305.12870.

A round: the student imitates the teacher on the train pool; teacher and student answer the cache pool and the referee
scores both (`ask_referee`, `read_reviews`, `label_gaps`); the generator writes new instructions from hard and easy
seeds (`draw_seeds`, `ask_generator`, `read_candidates`), a `NoveltyFilter` lets the new ones in; `decide` says whether
the loop goes on.
"""

from quintain.methods.lion.gaps import label_gaps, to_ask_again
from quintain.methods.lion.generator import (
    Draw,
    Wave,
    ask_generator,
    draw_seeds,
    quotas,
    read_candidates,
)
from quintain.methods.lion.novelty import Admission, NoveltyFilter
from quintain.methods.lion.params import LionParams
from quintain.methods.lion.pools import choose_judged, distinct, pair, probe_ids, train_pool
from quintain.methods.lion.preferences import preference_pairs
from quintain.methods.lion.referee import Matchup, ask_referee, matchups, read_review, read_reviews
from quintain.methods.lion.report import gap_numbers, generation_numbers, review_numbers
from quintain.methods.lion.responses import ask_responses, read_responses
from quintain.methods.lion.stopping import Interval, Outcome, controls, correct_controls, decide, doubt, gap_improvement

__all__ = [
    "Admission",
    "Draw",
    "Interval",
    "LionParams",
    "Matchup",
    "NoveltyFilter",
    "Outcome",
    "Wave",
    "ask_generator",
    "ask_referee",
    "ask_responses",
    "choose_judged",
    "controls",
    "correct_controls",
    "decide",
    "distinct",
    "doubt",
    "draw_seeds",
    "gap_improvement",
    "gap_numbers",
    "generation_numbers",
    "label_gaps",
    "matchups",
    "pair",
    "preference_pairs",
    "probe_ids",
    "quotas",
    "read_candidates",
    "read_responses",
    "read_review",
    "read_reviews",
    "review_numbers",
    "to_ask_again",
    "train_pool",
]
