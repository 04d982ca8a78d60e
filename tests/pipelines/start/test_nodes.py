"""A model that somebody else trained is taken as it is, and says where it comes from."""

from quintain.datasets import ForeignModel
from quintain.pipelines.start.nodes import adopt_model


def test_a_model_is_handed_on_and_its_report_names_source_revision_digest_and_licence():
    foreign = ForeignModel(source="owner/tiny", revision="c0ffee", path="cache/tiny", digest="ab", licence="mit")
    adopted, report = adopt_model(foreign)
    assert adopted is foreign
    assert report == {"source": "owner/tiny", "revision": "c0ffee", "source_digest": "ab", "licence": "mit"}
