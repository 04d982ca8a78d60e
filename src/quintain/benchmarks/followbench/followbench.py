"""FollowBench as a benchmark: the released files of one language, read where they lie."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import get_args

from quintain.benchmarks.benchmark import Measured
from quintain.benchmarks.constraints import JUDGES, ConstraintBenchmark
from quintain.benchmarks.followbench.benchmark import Language
from quintain.benchmarks.followbench.defects import why_impossible
from quintain.benchmarks.followbench.parity import upstream_scores
from quintain.benchmarks.followbench.rules import RuleSet, judge_by_rules
from quintain.benchmarks.followbench.source import load_pack
from quintain.records import ConstraintItem, Judgement
from quintain.statistics.resampling import Resampling

PARITY = "upstream-parity"


class FollowBench(ConstraintBenchmark):
    """820 English or 790 Chinese items; rules judge about half of them, judges the others.

    Raises:
        ValueError: There is no such language or rule set.
    """

    name = "followbench"
    travels = False

    def __init__(self, *, source: str, language: Language = "en", rules: RuleSet | str = "upstream-parity") -> None:
        """Name the files and the rules.

        Args:
            source: Folder that holds `content_constraints.json` and five more, or `NAME@REVISION` of a dataset on the
                Hugging Face hub.
            language: `en` or `zh`.
            rules: `upstream-parity`, `corrected`, or `judge` to let judges say what rules could.
        """
        known = (*get_args(RuleSet), JUDGES)
        if rules not in known:
            raise ValueError(f"rules must be one of {', '.join(known)}, got {rules!r}")
        if language not in get_args(Language):
            raise ValueError(f"language must be one of {', '.join(get_args(Language))}, got {language!r}")
        self._source = source
        self.language = language
        self.rules = rules

    def load_items(self) -> Iterable[ConstraintItem]:
        """Read and check the six files."""
        return load_pack(self._source, self.language)

    def read(self, completion: str) -> str:
        """Take the whole completion under the authors' rules, who check it with its reasoning."""
        return completion if self.rules == PARITY else super().read(completion)

    def check(self, item: ConstraintItem, response: str) -> Judgement:
        """Judge by the chosen rules; what needs a judge or cannot be satisfied is left unscored."""
        return judge_by_rules([item], [response], self.rules)[0]  # type: ignore[arg-type]  # checked above

    def impossible(self, item: ConstraintItem) -> str:
        """Reason why the corrected rules leave an item out."""
        return why_impossible(item) if self.rules == "corrected" else ""

    def measure(self, judgements: Sequence[Judgement], resampling: Resampling) -> Measured:
        """HSR, SSR and CSL, with the authors' own arithmetic beside them under their rules."""
        measured = super().measure(judgements, resampling)
        if self.rules != PARITY:
            return measured
        return dataclasses.replace(measured, published=published(judgements))


def published(judgements: Sequence[Judgement]) -> dict[str, object]:
    """The authors' arithmetic as plain JSON, in percent as their tables are."""
    theirs = upstream_scores(judgements)
    return {
        "hsr": {name: list(row) for name, row in theirs.hsr.items()},
        "ssr": {name: list(row) for name, row in theirs.ssr.items()},
        "csl": dict(theirs.csl),
        "macro_hsr": list(theirs.macro_hsr),
        "macro_ssr": list(theirs.macro_ssr),
        "macro_csl": theirs.macro_csl,
    }
