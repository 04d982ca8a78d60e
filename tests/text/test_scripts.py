"""Scripts are told letter by letter; a language is denied only where letters or small words leave no doubt."""

import pytest

from quintain.text.scripts import other_language, script_of, scripts_by_word, scripts_of


@pytest.mark.parametrize(
    ("letter", "script"),
    [
        ("é", "latin"), ("Ａ", "latin"), ("路", "han"), ("々", "han"), ("ー", "kana"), ("ひ", "kana"), ("한", "hangul"),
        ("ж", "cyrillic"), ("ω", "greek"), ("7", ""), ("。", ""), ("µ", ""), ("ℝ", ""),
    ],
)  # fmt: skip
def test_a_letter_has_one_script(letter, script):
    assert script_of(letter) == script


def test_words_are_counted_by_script_and_single_letters_are_symbols():
    # 模 and 型 are a word each; α is a symbol; перевод is one word
    assert scripts_by_word("AI模型 α перевод") == {"latin": 1, "han": 2, "cyrillic": 1}


def test_a_word_of_two_scripts_counts_for_both():
    assert scripts_by_word("перiод") == {"cyrillic": 1, "latin": 1}


def test_a_language_may_have_several_scripts():
    assert (scripts_of("ja"), scripts_of("sr"), scripts_of("xx")) == ({"han", "kana"}, {"cyrillic", "latin"}, set())


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("请根据上述内容写一份面向游客的简短指南。", "en", "zh"),
        ("Write a short guide for visitors, in three points.", "zh", "en"),
        ("Опишите, что видно с моста, в трёх предложениях.", "en", "ru"),
        ("Schreibe einen kurzen Text für die Leser der Zeitung und nenne auch die Quellen.", "en", "de"),
        ("Rédigez un guide pour les visiteurs qui ne connaissent pas la ville et pour les enfants.", "en", "fr"),
        ("Write a guide for the visitors of the town who have no time to read what is in the brochure.", "de", "en"),
        ("日本経済振興方案研究報告書概要版", "ja", "zh"),
    ],
)  # fmt: skip
def test_another_language_is_named(text, language, found):
    assert other_language(text, language) == found


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Write a short guide for visitors, in three points.", "en"),
        ("用Python写一个函数，读取CSV文件并返回DataFrame。", "zh"),
        ("東京の橋について三つの文で書いてください。", "ja"),
        ("¿Qué es esto?", "en"),  # too short to tell
        ("Arden, Brill, Cole, Dunmore, Esk, Farrow, Glen, Holt, Ilk, Jura, Kell, Lorn, Moss.", "en"),  # names alone
        ("The phrase 'auf und ab' is what the sailors of the harbour say when they are at sea for a long time.", "en"),
        ("請用三句話總結。", "xx"),  # a language of no table
        ("42 + 7 = 49", "zh"),
    ],
)
def test_nothing_is_said_where_there_is_doubt(text, language):
    assert other_language(text, language) == ""
