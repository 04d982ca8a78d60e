"""The licence of a model is the one that its card states; a word in the text of the card is none."""

from quintain.models.stated_licence import stated_licence


def test_the_card_states_it_or_nobody_does(tmp_path):
    assert stated_licence(tmp_path) == ""
    (tmp_path / "README.md").write_text("# A model\nIts license: see elsewhere\n")
    assert stated_licence(tmp_path) == ""
    (tmp_path / "README.md").write_text("---\nlicense: 'apache-2.0'\n---\n# A model\n")
    assert stated_licence(tmp_path) == "apache-2.0"
