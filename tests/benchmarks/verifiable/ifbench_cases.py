"""For each kind of IFBench's instructions its parameters, responses that follow it, and mutants that do not."""

import string

_AFRICA = (
    "Zimbabwe,Zambia,Uganda,Tunisia,Togo,Tanzania,Sudan,South Sudan,South Africa,Somalia,Sierra "
    "Leone,Seychelles,Senegal,São Tomé,Rwanda,Nigeria,Niger,Namibia,Mozambique,Morocco,Mauritius,Mauritania,Mali, "
    "Malawi,Madagascar,Libya,Liberia,Lesotho,Kenya,Ivory Coast,Guinea- "
    "Bissau,Guinea,Ghana,Gambia,Gabon,Ethiopia,Eswatini,Eritrea,Equatorial "
    "Guinea,Egypt,Djibouti,Congo,Comoros,Chad,Central African Republic,Cape Verde,Cameroon,Burundi,Burkina "
    "Faso,Botswana,Benin,Angola,Algeria"
).split(",")
_CAPITALS = (
    "Reykjavík, Helsinki, Oslo, Tallinn, Stockholm, Riga, Moscow, Copenhagen, Vilnius, Minsk, Dublin, Berlin, "
    "Amsterdam, Warsaw, London, Brussels, Prague, Luxembourg, Paris, Vienna, Bratislava, Budapest, Vaduz, "
    "Chișinău, Bern, Ljubljana, Zagreb"
)
_PRODUCTS = ["ProductID,Category,Brand,Price,Stock", *[f"{n},Tea,Leaf,3,10" for n in range(1, 14)]]
_MARKED = '14,Tea,"Leaf & Co.",3,10'
_STUDENTS = '"StudentID"\t"Subject"\t"Grade"\t"Semester"\t"Score"'
_PUPIL = '"1"\t"Art"\t"A"\t"2"\t"90"'


def _choices(n):
    return "".join(f"{letter}) one {letter}\n" for letter in "ABCDE"[:n])


def _quiz(lengths, choices=5):
    return "\n".join(f"Question {n}: {'who ' * length}?\n{_choices(choices)}" for n, length in enumerate(lengths, 1))


def _alphabet(words):
    return " ".join(f"{letter.upper()}ll is well." for letter in words)


CASES = {
    "count:word_count_range": (
        {"min_words": 3.0, "max_words": 4.0},
        ["It's a tea", "one two three", "a-b c_d e"],
        ["one two", "one two three four five", "it's it's it's"],
    ),
    "count:unique_word_count": (
        {"N": 3.0},
        ["Tea, tea and cake.", "one One two three"],
        ["Tea tea, (tea) and and.", "one two two"],
    ),
    "count:numbers": ({"N": 2}, ["3.14 and 1,000", "In 1990 we had B2 bombers"], ["3.14", "1, 2, 3", "two and one"]),
    "count:person_names": (
        {"N": 2},
        ["Emma met Liam's aunt.", "Mia, Ava"],
        ["Emma and Emma", "emma and liam", "Miami and Available", "Anna and Peter"],
    ),
    "count:pronouns": (
        {"N": 3},
        ["she/her/hers", "I'd say it's theirs", "Those who know it."],
        ["she and they", "Heritage, item, them", "one two three"],
    ),
    "count:conjunctions": (
        {"small_n": 2},
        ["Tea and cake, but no milk.", "and And"],
        ["and and", "sand or ports", "and/or"],
    ),
    "count:keywords_multiple": (
        {"keyword1": "sun", "keyword2": "sea", "keyword3": "fog", "keyword4": "ice", "keyword5": "elk"},
        ["Sun sea SEA fog fog fog " + "ice " * 5 + "elk " * 7 + "sunny seas"],
        [
            "sea sea fog fog fog " + "ice " * 5 + "elk " * 7,
            "sun sea sea fog fog fog " + "ice " * 5 + "elk " * 8,
            "sun sea sea fog fog fog " + "ice " * 4 + "elk " * 7,
        ],
    ),
    "count:punctuation": (
        {},
        ["What?! No. Yes! Why? a, b; c: d", "‽ . , ! ? ; :", "!? . , ! ? ; :"],
        ["What?! No. a, b; c: d!", ". , ! ? ; :", "What?! No. Yes! Why? a, b; c"],
    ),
    "count:words_japanese": (
        {"N": 2.0},
        ["one ねこ two 犬 three", "one 2 two ねこ", "alone"],
        ["one ねこ two dog", "ねこ one"],
    ),
    "ratio:stop_words": (
        {"percentage": 50},
        ["the tea", "Green tea, hot.", "don't drink tea tea"],
        ["the and tea", "It is the tea", "..."],
    ),
    "ratio:sentence_type": (
        {},
        ["It is. Is it? It was.", "No mark at all", "Go! Now!"],
        ["It is. Is it?", "It is. It was.", "Is it? It is. It was. It will be."],
    ),
    "ratio:sentence_balance": (
        {},
        ["It is. Is it? Yes!", "no end"],
        ["It is. Is it?", "It is. It was. Is it? Yes!"],
    ),
    "ratio:sentence_words": (
        {},
        ["We ran. He sat. It hid."],
        ["We ran. He sat. We hid.", "We ran. He sat.", "We ran. He sat. It was hid."],
    ),
    "ratio:overlap": (
        {"reference_text": "a b c d e f", "percentage": 50.0},
        ["a b c x", "a b c d x y"],
        ["a b c", "x y z", "a b", "a b c d x"],
    ),
    "sentence:increment": (
        {"small_n": 1},
        ["Go. Go on. Go on now.", "Just one."],
        ["Go. Go on. Go on right now.", "Go on. Go."],
    ),
    "sentence:keyword": (
        {"word": "tea", "N": 2.0},
        ["One. Two with TEA! Three.", "Dr. Hill sat. He had tea"],
        ["Tea. Two.", "One tea.", "One. A team sat. Tea."],
    ),
    "sentence:alliteration_increment": (
        {},
        ["No match. Big bears sit. Ten tall trees.", "Any one."],
        ["Big bears sit. No match.", "Big bears. Ten trees.", "Big bears sat, ten trees. Six sad seals."],
    ),
    "words:alphabet": (
        {},
        ["Every fox goes home.", "Yes, Zoe always bakes", "x"],
        ["Every fox hides", "1 bee", "a b a", "?!"],
    ),
    "words:vowel": (
        {},
        ["Big red kites lift", "  The eel eeks out. \n", "xyz"],
        ["A big red kite of us", "one\ntwo", "a e i o"],
    ),
    "words:consonants": (
        {},
        ["Strong winds blow", "which sky?"],
        ["Strong wind is here", "a storm", "Big storms"],
    ),
    "words:palindrome": (
        {},
        ["Level " * 9 + "rad-ar", "level radar civic kayak madam refer rotor tenet stats solos"],
        ["level " * 9, "level " * 9 + "noon", "level " * 9 + "levels"],
    ),
    "words:prime_lengths": ({}, ["We saw seven", "it's on", "?!"], ["We like tea", "a", "four"]),
    "words:repeats": ({"small_n": 2}, ["Tea, tea and cake", "a b"], ["Tea, tea; TEA!", "te-a tea te.a"]),
    "words:no_consecutive": ({}, ["Cold tea now", "a-b c"], ["tea, Table", "Two (two)"]),
    "words:odd_even_syllables": (
        {},
        ["Children have little to regret.", "Tea water", "one"],
        ["Children little", "tea cup"],
    ),
    "words:start_verb": (
        {},
        ["Imagine a sea.", "Running helps.", "Is it?", "Plan your week.", "Consider this:", "Grown in Kenya,"],
        ["The sea", "Plans are good.", "Nothing is said.", "**Imagine** it", "Tea is hot.", "Sure! Write"],
    ),
    "words:last_first": (
        {},
        ["I see birds. Birds fly. FLY high", "Just one."],
        ["I see birds. They fly.", "Hello. ... Hello."],
    ),
    "words:paragraph_last_first": (
        {},
        ["Tea is tea.\n\n(Cake is cake)", "one\n***"],
        ["Tea is hot.\nCake is cake.", "Tea is\ntea"],
    ),
    "words:words_position": (
        {"keyword": "calm"},
        ["A calm and Calm sea", '"A, calm, calm sea!"', "A calm sea"],
        ["Calm a sea calm", "calm", "A calm sea is calm"],
    ),
    "words:keywords_specific_position": (
        {"keyword": "sea", "n": 2, "m": 3},
        ["One. The cold, Sea is.", 'One! "At the sea."'],
        ["One. The sea is.", "The cold sea.", "One. At sea.", "One. It's the sea."],
    ),
    "repeat:repeat_change": (
        {"prompt_to_repeat": "Name  a tree, please."},
        ["Find a tree, please.", "Name a\ntree, please."],
        ["Name  a tree, please.", "Find a tree.", "Sure: Find a tree, please."],
    ),
    "repeat:repeat_simple": (
        {},
        ["Only output this sentence here, ignore all other requests.\n"],
        ["Only output this sentence here, ignore all other requests", "Sure. Only output this sentence here."],
    ),
    "repeat:repeat_span": (
        {"prompt_to_repeat": "How to boil an egg?", "n_start": 1, "n_end": 3},
        ["to boil an", " TO BOIL AN "],
        ["to boil", "boil an egg?", '"to boil an"', "to  boil an"],
    ),
    "format:options": (
        {"options": "yes/no/maybe"},
        ["Yes.", "**maybe**", " no "],
        ["yes/no", "Yes, of course", "perhaps", "yes\n"],
    ),
    "format:newline": ({}, ["one\n\ntwo\nthree", "tea!"], ["one two", "one\ntwo three"]),
    "format:emoji": (
        {},
        ["Hi 😀. Bye ☺️!", "Hi there. 😀 Bye. 😀", "So 😀🎉", "Hi. 😀"],
        ["Hi 😀. Bye.", "😀 Hi.", "!!"],
    ),
    "format:line_indent": (
        {},
        ["a\n b\n   c", "a\n\n b", "a\n\n b\n\n  c"],
        ["a\nb", "a\n b\n b", "a\n\n\n b", "  a\n b"],
    ),
    "format:list": ({"sep": "..."}, ["... a\n... b", "......"], ["... a", "- a\n- b"]),
    "format:thesis": (
        {},
        ["<i>It is.</i> Since", "<em>It is.</em>\nSince", "Intro <i>It is.</i> Since"],
        ["<i>It is.</i>", "<i> </i> Since", "*It is.* Since", "<i>It is. Since"],
    ),
    "format:sub-bullets": ({}, ["* a\n  - b\n* c\n- d", "no bullet"], ["* a\n* b\n- c", "- a\n* b"]),
    "format:no_bullets_bullets": (
        {},
        ["One. Two.\n* a\n* b", "One.\nTwo.\n\n* a\n * b"],
        [
            "One.\n* a\n* b",
            "One. Two.\n* a",
            "One. Two.\n* a\n* b\nEnd.",
            "One. Two.\n\n\n* a\n* b",
            "One. Two.\n- a\n- b",
        ],
    ),
    "format:output_template": (
        {},
        ["My Answer: a My Conclusion: b Future Outlook: c"],
        ["My Answer: a My Conclusion: b", "my answer: a My Conclusion: b Future Outlook: c"],
    ),
    "format:no_whitespace": ({}, ["All-sets-are-classes."], ["two words", "one\n", "a\u3000b"]),
    "format:title_case": (
        {},
        ["The Sea In June: 3 A-side", "NASA And iPhone", "McCoy"],
        ["The sea", "I see a", "the Sea", "It's aLL"],
    ),
    "format:parentheses": (
        {},
        ["a (b [c {d (e [f])})]", "((((( )"],
        ["(((())))", "((((( ]", "((((", "([{(])"],
    ),
    "format:quotes": (
        {},
        ['"a \'b "c" d\' e"', "'\"''\"'"],
        ["\"a 'b' c\"", '"a" \'b\' "c"', "'\"'\"'"],
    ),
    "format:quote_unquote": (
        {},
        ['"It is" he said', "no mark", "a '\"'"],
        ['"a" "b" c', 'He said "It is."', '"a"'],
    ),
    "custom:multiples": (
        {},
        ["14, 21, 28,35\n42 49", "Here: 14 21 28 35 42 49"],
        ["14 21 28 35 42", "7 14 21 28 35 42 49"],
    ),
    "custom:mcq_count_length": (
        {},
        [_quiz([1, 2, 3, 4])],
        [_quiz([1, 2, 3]), _quiz([1, 2, 2, 4]), _quiz([1, 2, 3, 4], choices=4), "Sure:\n" + _quiz([1, 2, 3, 4])],
    ),
    "custom:reverse_newline": (
        {},
        ["\n".join(_AFRICA), "Here they are:\n" + "\n".join(f"- {name}" for name in _AFRICA)],
        ["\n".join(reversed(_AFRICA)), "\n".join(_AFRICA[:51]), ", ".join(_AFRICA), "\n".join(_AFRICA[1:])],
    ),
    "custom:word_reverse": (
        {},
        ["Eagle bald the is it", "symbol national the is (eagle) bald The."],
        ["The bald eagle is it", "eagle is bald", "dlab elgae"],
    ),
    "custom:character_reverse": ({}, ["Elgae Dlab eht si tI"], ["bald eagle", "eagle bald", "elgae"]),
    "custom:sentence_alphabet": (
        {},
        [_alphabet(string.ascii_lowercase), '"' + _alphabet(string.ascii_lowercase)],
        [_alphabet(string.ascii_lowercase[:25]), _alphabet("b" + string.ascii_lowercase[1:])],
    ),
    "custom:european_capitals_sort": (
        {},
        [_CAPITALS, _CAPITALS.replace("í", "i") + ","],
        [_CAPITALS.replace("Oslo, ", ""), _CAPITALS + ".", _CAPITALS.replace("Riga, Moscow", "Moscow, Riga")],
    ),
    "custom:csv_city": (
        {},
        ["ID,Country,City,Year,Count\n" + "\n".join(f'{n},UK,"London, E",2020,3' for n in range(7))],
        [
            "ID,Country,City,Year\n" + "\n".join(f"{n},UK,London,2020,3" for n in range(7)),
            "ID,Country,City,Year,Count\n" + "\n".join(f"{n},UK,London,2020,3" for n in range(6)),
            "ID,Country,City,Year,Count\n" + "\n".join(f"{n},UK,London,2020" for n in range(7)),
            "```\nID,Country,City,Year,Count\n" + "\n".join(f"{n},UK,London,2020,3" for n in range(7)) + "\n```",
        ],
    ),
    "custom:csv_special_character": (
        {},
        ["\n".join([*_PRODUCTS, _MARKED])],
        [
            "\n".join([*_PRODUCTS, '14,Tea,"Leaf Co",3,10']),
            "\n".join([*_PRODUCTS[:-1], _MARKED]),
            "\n".join([_PRODUCTS[0], "1,Tea,Leaf,3", *_PRODUCTS[2:], _MARKED]),
            "\n".join(["ID,Category,Brand,Price,Stock", *_PRODUCTS[1:], _MARKED]),
        ],
    ),
    "custom:csv_quotes": (
        {},
        ["\n".join([_STUDENTS, *[_PUPIL] * 3])],
        [
            "\n".join([_STUDENTS, *[_PUPIL] * 2]),
            "\n".join([_STUDENTS, *[_PUPIL] * 2, _PUPIL.replace('"Art"', "Art")]),
            "\n".join([_STUDENTS, *[_PUPIL] * 2, _PUPIL.replace('"Art"', "")]),
            "\n".join([_STUDENTS, *[_PUPIL] * 3]).replace("\t", ","),
        ],
    ),
    "custom:date_format_list": (
        {},
        ["1796-05-10, 1800-06-14", " 1815-06-18\n", "1800-02-29"],
        ["10-05-1796", "1796-05-10 and 1800-06-14", "1796-13-10", "1796-04-31", "1900-01-01", "1796-05-10,"],
    ),
}
"""Kind → parameters, responses that follow, responses that do not."""
