"""Wordings of the rules in the evaluation packs, three each, so that a model is not measured on one sentence.

A wording says all that its check counts; where everyday words leave a choice, it makes the choice.
"""

BASES = (
    "Write a short text about {name}, at least {least} words.",
    "Tell a beginner something about {name}, in {least} words or more.",
    "Explain {name} in plain words; use no fewer than {least} words.",
)

STRUCTURED_BASES = (
    "Collect some facts about {name}.",
    "Say what a beginner should know about {name}.",
    "Sum up the most important things about {name}.",
)

WORDINGS: dict[str, tuple[str, ...]] = {
    # content
    "include": (
        'Use the word "{0}".',
        'The word "{0}" must appear.',
        'Work in the word "{0}" somewhere.',
    ),
    "exclude": (
        'Do not use the word "{0}".',
        'Avoid the word "{0}".',
        'The word "{0}" must not appear.',
    ),
    "repeat": (
        'Use the word "{1}" exactly {0} times.',
        'The word "{1}" must appear {0} times, no more and no less.',
        'Write the word "{1}" exactly {0} times in all.',
    ),
    "at_least": (
        'Use the word "{1}" at least {0} times.',
        'The word "{1}" must appear {0} times or more.',
        'Write the word "{1}" no fewer than {0} times.',
    ),
    "at_most": (
        'Do not use the word "{1}" more than {0}.',
        'The word "{1}" may appear {0} at most.',
        'Write the word "{1}" no more than {0}, or not at all.',
    ),
    "in_first_sentence": (
        'The first sentence must contain the word "{0}".',
        'Put the word "{0}" into your first sentence.',
        'Use the word "{0}" already in the first sentence.',
    ),
    "in_last_sentence": (
        'The last sentence must contain the word "{0}".',
        'Put the word "{0}" into your last sentence.',
        'Let the word "{0}" appear in the closing sentence.',
    ),
    "in_paragraph": (
        'Separate paragraphs with a blank line, and use the word "{1}" in the {0} paragraph.',
        'The {0} paragraph must contain the word "{1}"; a blank line separates paragraphs.',
        'Put the word "{1}" into the {0} paragraph, with blank lines between paragraphs.',
    ),
    "order": (
        'Use the word "{0}" and, after it, the word "{1}".',
        'Mention the word "{0}" before you mention the word "{1}".',
        'The words "{0}" and "{1}" must both appear, in this order.',
    ),
    # style
    "case": (
        "Write everything in {0} letters.",
        "Use {0} letters only.",
        "All letters must be {0} letters.",
    ),
    "without": (
        "Use no {0}.",
        "Do without {0}.",
        "There must be no {0} in your text.",
    ),
    "only_full_stops": (
        "Use no punctuation but full stops; apostrophes and hyphens inside words are fine.",
        "The full stop must be the only punctuation mark, apart from apostrophes and hyphens inside words.",
        "Do without any punctuation other than full stops and the apostrophes or hyphens of single words.",
    ),
    "no_letter": (
        'Do not use the letter "{0}" anywhere.',
        'Write without the letter "{0}".',
        'No word may contain the letter "{0}".',
    ),
    "sentence_end": (
        "End every sentence with {0}.",
        "Each sentence must end with {0}.",
        "Close all sentences with {0}.",
    ),
    "sentence_start": (
        'Start every sentence with the word "{0}".',
        'Each sentence must begin with the word "{0}".',
        'Let all sentences open with the word "{0}".',
    ),
    "alternate": (
        'Start the sentences in turn with the words "{0}" and "{1}": "{0}" first, then "{1}", and so on.',
        'The first sentence starts with "{0}", the second with "{1}", the third with "{0}" again, and so on.',
        'Let sentences open alternately with the words "{0}" and "{1}", beginning with "{0}".',
    ),
    "first_letter": (
        'Start every sentence with a word that begins with the letter "{0}".',
        'The first word of each sentence must begin with the letter "{0}".',
        'Every sentence must open with a word in "{0}".',
    ),
    "distinct_openers": (
        "No two sentences may start with the same word.",
        "Start every sentence with a different word.",
        "The first words of your sentences must all be different.",
    ),
    "alliteration": (
        'Every sentence must contain at least two words that begin with the letter "{0}".',
        'In each sentence, use two or more words that begin with the letter "{0}".',
        'Let at least two words of every sentence begin with the letter "{0}".',
    ),
    "no_first_person": (
        "Do not write in the first person: no I, me, my, we, us, our.",
        "Avoid all words such as I, me, my, we, us and our.",
        "Use no pronoun of the first person, neither singular nor plural.",
    ),
    "no_contraction": (
        "Use no contractions such as don't or it's.",
        "Write out contractions in full, as in do not or it is.",
        "Avoid contracted forms like isn't or they're.",
    ),
    "sentence_words": (
        "Every sentence must have between {0} and {1} words.",
        "Keep each sentence between {0} and {1} words long.",
        "Use {0} to {1} words per sentence.",
    ),
    # format, prose
    "paragraph_count": (
        "Write exactly {0} paragraphs, with a blank line between them.",
        "Divide the text into {0} paragraphs separated by blank lines.",
        "The text must have {0} paragraphs, each set off by a blank line.",
    ),
    "paragraph_words": (
        "Every paragraph must have between {0} and {1} words; a blank line separates paragraphs.",
        "Keep each paragraph between {0} and {1} words long, with blank lines between paragraphs.",
        "Set paragraphs off by blank lines, and give each {0} to {1} words.",
    ),
    "sentence_count": (
        "Write exactly {0} sentences in all.",
        "The whole text must have {0} sentences.",
        "Use {0} sentences, no more and no less.",
    ),
    "bullets": (
        "Include a list of exactly {0} lines that start with a dash and a space.",
        "Give {0} points, no more and no less, each on a line that starts with a dash and a space.",
        "Exactly {0} lines must start with a dash and a space.",
    ),
    "numbered": (
        'Include a numbered list of exactly {0} lines, marked "1.", "2." and so on.',
        'Number exactly {0} lines, counting from "1." upwards.',
        'Give {0} numbered points, no more and no less, each on its own line, starting with "1.".',
    ),
    "heading": (
        'Start with a Markdown heading, a line that opens with "{0}" and a space, and use no other heading.',
        'The first line must be a Markdown heading marked "{0}"; there must be no further heading.',
        'Begin with one Markdown heading, marked "{0}", and write no other.',
    ),
    "last_line": (
        "The last line must be exactly this: {0}",
        "End with this line, word for word: {0}",
        "Finish with this line and nothing else on it: {0}",
    ),
    "first_line": (
        "The first line must be exactly this: {0}",
        "Open with this line, word for word: {0}",
        "Start with this line and nothing else on it: {0}",
    ),
    "bold": (
        "Put exactly {0} single words in bold, each between its own double asterisks.",
        "Mark {0} words, one at a time, with double asterisks on both sides, and no others.",
        "Exactly {0} words must stand in bold (**word**), each by itself.",
    ),
    "tags": (
        "Put one sentence of the text between <{0}> and </{0}>.",
        "One sentence, and no more, must stand between the tags <{0}> and </{0}>.",
        "Enclose a single sentence in <{0}> and </{0}>; use these tags once.",
    ),
    "word_count": (
        "Use between {0} and {1} words in all.",
        "The whole response must have {0} to {1} words.",
        "Write no fewer than {0} and no more than {1} words in all.",
    ),
    # format, JSON
    "json_keys": (
        "Give it as a JSON object with exactly the keys {0}, and write nothing around it.",
        "The response must be a JSON object and nothing else, and its keys must be exactly {0}.",
        "Respond with nothing but a JSON object that has the keys {0} and no others.",
    ),
    "json_list": (
        'The value of "{0}" must be a list of exactly {1} strings.',
        'Under "{0}", give a list of {1} strings.',
        'Let "{0}" hold exactly {1} strings in a list.',
    ),
    "json_words": (
        'The value of "{0}" must be a string of {1} to {2} words.',
        'Under "{0}", write a string of between {1} and {2} words.',
        'Let "{0}" hold a string of no fewer than {1} and no more than {2} words.',
    ),
    "json_number": (
        'The value of "{0}" must be a whole number from {1} to {2}, without quotes.',
        'Under "{0}", give a number (not a string) that is whole and lies between {1} and {2}.',
        'Let "{0}" hold an integer from {1} to {2}.',
    ),
    "json_flag": (
        'The value of "{0}" must be true or false, without quotes.',
        'Under "{0}", give a boolean.',
        'Let "{0}" hold either true or false, as a boolean.',
    ),
    "json_one_line": (
        "Write the whole object on a single line.",
        "The object must stand on one line, without line breaks.",
        "Put everything on one line.",
    ),
    # format, tables
    "grid_columns": (
        "Give it as {0} with exactly the columns {1}, in this order, and write nothing around it.",
        "The response must be {0} and nothing else; its header must name {1}, in this order.",
        "Respond with nothing but {0} whose columns are {1}, in this order.",
    ),
    "grid_rows": (
        "It must have exactly {1} rows, not counting the header.",
        "Below the header, write {1} rows, no more and no less.",
        "Give {1} rows of data.",
    ),
    "grid_words": (
        'Every cell of the column "{1}" must have {2} to {3} words.',
        'Use between {2} and {3} words in each cell of the column "{1}".',
        'In the column "{1}", give every row {2} to {3} words.',
    ),
    "grid_counted": (
        'The column "{1}" must number the rows 1, 2, 3 and so on.',
        'Count the rows in the column "{1}", from 1 upwards.',
        'Fill the column "{1}" with the numbers 1, 2, 3 and so on, row by row.',
    ),
    "grid_numbers": (
        'Every cell of the column "{1}" must be a whole number from {2} to {3}, and nothing else.',
        'In the column "{1}", give each row a whole number between {2} and {3}, without a unit.',
        'Fill the column "{1}" with whole numbers from {2} to {3} only.',
    ),
    "grid_sorted": (
        'Sort the rows by the column "{1}", from A to Z.',
        'The rows must stand in alphabetical order of the column "{1}".',
        'Order the rows alphabetically by "{1}".',
    ),
}

CASES = {"lower": "small", "upper": "capital"}
"""How letter cases are said."""
SYNTAXES = {
    "markdown": "a Markdown table",
    ",": "CSV lines with a header and commas between the values",
    ";": "CSV lines with a header and semicolons between the values",
}
"""How the syntaxes of tables are said."""
