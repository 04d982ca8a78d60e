"""Wordings of the rules in the training items; no five words in a row stand in an evaluation pack as well."""

BASES = (
    "Please draft a passage on {name}; it should run to {least} words at minimum.",
    "I would like to read about {name}. Give me {least} words at the very least.",
    "Describe {name} to somebody who is curious, with a minimum of {least} words.",
    "My theme today is {name}. Compose a paragraph or so, not under {least} words.",
)
EASY_BASES = (
    "Tell me briefly about {name}, with {least} words as a minimum.",
    "My child asks about {name}. Give a simple reply that has {least} words at the very least.",
    "Jot down a couple of lines on {name}; {least} words would be the minimum.",
    "Introduce {name} to a stranger, briefly, yet in {least} words at the very least.",
)
STRUCTURED_BASES = (
    "Gather what is worth knowing on {name}.",
    "Present {name} in a structured way.",
    "Make an overview of {name} for a busy colleague.",
)
WORDINGS: dict[str, tuple[str, ...]] = {
    # content
    "include": (
        'Mention "{0}" somewhere in it.',
        'Make sure that "{0}" turns up.',
        'It has to contain the expression "{0}".',
    ),
    "exclude": (
        'Leave out the expression "{0}".',
        'Never say "{0}".',
        'Get along without "{0}".',
    ),
    "repeat": (
        'Say "{1}" {0} times precisely.',
        'Let "{1}" turn up {0} times, neither fewer nor more.',
        'I want to find "{1}" precisely {0} times.',
    ),
    "at_least": (
        'Say "{1}" {0} times at minimum.',
        'Let "{1}" turn up {0} times, or oftener.',
        'I want to find "{1}" {0} times if not more.',
    ),
    "at_most": (
        'Say "{1}" {0} if at all.',
        'Let "{1}" turn up no oftener than {0}.',
        'I accept "{1}" {0}, not oftener.',
    ),
    "in_first_sentence": (
        'Mention "{0}" right in sentence number one.',
        'Your opening sentence has to contain "{0}".',
        'Get "{0}" into the sentence that you begin with.',
    ),
    "in_last_sentence": (
        'Mention "{0}" in the sentence you finish with.',
        'Your final sentence has to contain "{0}".',
        'Keep "{0}" for the sentence at the very end.',
    ),
    "in_paragraph": (
        'Leave an empty line after each paragraph; "{1}" belongs in the {0} of them.',
        'With empty lines separating paragraphs, let "{1}" turn up in the {0} one.',
        'Separate it by empty lines, and get "{1}" into the {0} portion.',
    ),
    "order": (
        'Mention "{0}" first and "{1}" later on.',
        'Let both "{0}" and "{1}" turn up, the former ahead of the latter.',
        'Bring in "{0}", and only then "{1}".',
    ),
    # style
    "case": (
        "Type all of it {0}.",
        "Set every letter {0}.",
        "Keep the whole reply {0}.",
    ),
    "without": (
        "Avoid {0} altogether.",
        "Not a single one of these: {0}.",
        "Leave {0} out entirely.",
    ),
    "only_full_stops": (
        "Periods are the sole punctuation allowed, hyphens and apostrophes within words aside.",
        "Punctuate with periods alone, though words may keep their hyphens and apostrophes.",
    ),
    "no_letter": (
        'Stay clear of "{0}", wherever in a word.',
        'The character "{0}" is forbidden, whatever its size.',
        'Choose words spelled without "{0}".',
    ),
    "sentence_end": (
        "Let {0} conclude each sentence you write.",
        "Put {0} behind all of your sentences.",
        "Finish all sentences using {0}.",
    ),
    "sentence_start": (
        'Begin each of your sentences by saying "{0}".',
        'All sentences should have "{0}" as their opening.',
        'Have "{0}" lead every single sentence.',
    ),
    "alternate": (
        'Begin sentences by turns with "{0}" and with "{1}", in that order.',
        'Odd sentences should begin with "{0}", even ones with "{1}".',
        'Lead the opening sentence with "{0}", the next with "{1}", and keep switching like that.',
    ),
    "first_letter": (
        'Each sentence has to have "{0}" as its initial letter.',
        'Let "{0}" be the initial of all sentences.',
        'Begin all sentences on "{0}", whatever the word.',
    ),
    "distinct_openers": (
        "Never begin two sentences alike: their opening words must differ.",
        "Vary the opening word from sentence to sentence, without any repetition.",
    ),
    "alliteration": (
        'Each sentence needs a pair of words (or several) whose initial is "{0}".',
        'No sentence may hold fewer than two words whose initial is "{0}".',
    ),
    "no_first_person": (
        "Keep yourself out of it: neither I nor we, in whatever form (me, my, us, our).",
        "Words for the speaker (I, me, mine, we, us, ours and so forth) are forbidden.",
    ),
    "no_contraction": (
        "Spell out what is commonly contracted: cannot rather than can't, and the like.",
        "Shortened forms with an apostrophe, such as won't, are forbidden.",
    ),
    "sentence_words": (
        "Each sentence should count {0} words at minimum and {1} at maximum.",
        "Aim for sentences of {0} up to {1} words, without exception.",
        "No sentence may be shorter than {0} words or longer than {1}.",
    ),
    # format, prose
    "paragraph_count": (
        "Make it {0} paragraphs precisely, an empty line after each.",
        "I expect {0} paragraphs with empty lines separating them.",
        "Arrange it in {0} paragraphs; leave an empty line in between.",
    ),
    "paragraph_words": (
        "Paragraphs are set off by empty lines and count {0} words at minimum, {1} at maximum.",
        "With an empty line after each paragraph, let none have under {0} or over {1} words.",
    ),
    "sentence_count": (
        "Make it {0} sentences precisely.",
        "I expect {0} sentences altogether.",
        "Your reply should consist of {0} sentences.",
    ),
    "bullets": (
        "Put precisely {0} items into a dashed list (each line opens on a dash plus a blank).",
        "I expect {0} lines that open on a dash plus a blank.",
    ),
    "numbered": (
        'Put precisely {0} items into an ordered list ("1.", "2." and onwards).',
        'I expect {0} lines with ascending numbers, "1." being the earliest.',
    ),
    "heading": (
        'Put a Markdown heading on top ("{0}" plus a blank), and let it be the sole one.',
        'Open on a single Markdown heading that has "{0}" ahead of it; more headings are forbidden.',
    ),
    "last_line": (
        "Close on the following line, unchanged: {0}",
        "The bottom line should read: {0}",
    ),
    "first_line": (
        "Begin on the following line, unchanged: {0}",
        "The top line should read: {0}",
    ),
    "bold": (
        "Emphasise precisely {0} words, each one wrapped by itself in **.",
        "I expect {0} bold words (wrapped in **), never two in one pair.",
    ),
    "tags": (
        "Wrap precisely one sentence in <{0}> … </{0}>.",
        "Pick one sentence and have <{0}> ahead of it, </{0}> behind it.",
    ),
    "word_count": (
        "Stay within {0}–{1} words overall.",
        "The reply should count {0} words at minimum and {1} at maximum.",
        "Overall size: {0} up to {1} words.",
    ),
    # format, JSON
    "json_keys": (
        "Reply as one JSON object alone; it has the keys {0}, no others.",
        "Produce plain JSON: one object whose sole keys are {0}.",
    ),
    "json_list": (
        'Fill "{0}" with an array that holds {1} strings precisely.',
        '"{0}" has to be an array: {1} strings.',
    ),
    "json_words": (
        'Fill "{0}" with prose that counts {1} words at minimum, {2} at maximum.',
        '"{0}" has to be prose of {1} up to {2} words.',
    ),
    "json_number": (
        'Fill "{0}" with an unquoted integer, {1} at minimum, {2} at maximum.',
        '"{0}" has to be an unquoted integer within {1} to {2}.',
    ),
    "json_flag": (
        'Fill "{0}" with an unquoted true or an unquoted false.',
        '"{0}" has to be a JSON boolean.',
    ),
    "json_one_line": (
        "Do not wrap the object across lines.",
        "Print the JSON without any newline.",
    ),
    # format, tables
    "grid_columns": (
        "Reply as {0} alone, headed by a row that reads {1} in sequence.",
        "Produce {0} whose header reads {1}, and no further prose.",
    ),
    "grid_rows": (
        "Under the header I expect {1} rows.",
        "Fill precisely {1} rows, the header aside.",
    ),
    "grid_words": (
        'Below "{1}", each cell counts {2} words at minimum, {3} at maximum.',
        'Cells below "{1}" should hold {2} up to {3} words.',
    ),
    "grid_counted": (
        'Below "{1}", put ascending numbers that begin at 1.',
        'Let "{1}" hold the ordinal number of its row.',
    ),
    "grid_numbers": (
        'Below "{1}", allow bare integers within {2} to {3} alone.',
        'Let "{1}" hold bare integers, {2} at minimum, {3} at maximum.',
    ),
    "grid_sorted": (
        'Rows must come in dictionary order, judged by "{1}".',
        'Let "{1}" decide the sequence of rows, A ahead of B and onwards.',
    ),
}
CASES = {"lower": "in lower case", "upper": "in upper case"}
SYNTAXES = {
    "markdown": "one table in Markdown",
    ",": "comma-separated values",
    ";": "semicolon-separated values",
}
