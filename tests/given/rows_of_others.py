"""Rows as people have them, drawn for property tests: every format with its own columns, and columns of no format."""

from hypothesis import strategies as st

HUGE = 12345678901234567890123
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=12)
texts = words.filter(lambda text: text.strip())
maybe_empty = st.one_of(st.just(""), texts)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.just(HUGE), st.floats(allow_nan=False, allow_infinity=False),
              words, st.just("a\ud800b"), st.just("one\u2028two")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=4,
)  # fmt: skip
extras = st.dictionaries(st.sampled_from(["id", "score", "source", "meta", "n", "日付"]), values, max_size=3)


def with_extras(rows):
    return st.builds(lambda row, more: {**row, **more}, rows, extras)


def turns(role, content, user, assistant, system):
    """A chat that ends with a response; turns may carry fields of their own."""
    say = lambda who: st.builds(  # noqa: E731
        lambda text, more: {role: who, content: text, **more}, texts,
        st.dictionaries(st.sampled_from(["name", "weight_of"]), st.integers(0, 3), max_size=1),
    )  # fmt: skip
    exchange = st.tuples(say(user), say(assistant)).map(list)
    first = st.lists(say(system), max_size=1)
    return st.builds(lambda head, pairs: [*head, *[turn for pair in pairs for turn in pair]], first,
                     st.lists(exchange, min_size=1, max_size=3))  # fmt: skip


openai = turns("role", "content", "user", "assistant", "system")
sharegpt = turns("from", "value", "human", "gpt", "system")
two = st.tuples(texts, texts).filter(lambda pair: pair[0] != pair[1])
history = st.lists(st.tuples(texts, texts).map(list), max_size=2)

ROWS = {
    "alpaca": st.fixed_dictionaries(
        {"instruction": texts, "output": texts},
        optional={"input": st.one_of(maybe_empty, st.none()), "system": maybe_empty, "history": history},
    ),
    "instruction-response": st.fixed_dictionaries(
        {"instruction": texts, "response": texts}, optional={"context": openai.map(lambda chat: chat[:-2])}
    ),
    "messages": st.fixed_dictionaries({"messages": openai}),
    "sharegpt": st.fixed_dictionaries({"conversations": sharegpt}, optional={"system": maybe_empty}),
    "sharegpt with roles": st.fixed_dictionaries({"conversations": openai}),
    "prompt-completion": st.fixed_dictionaries({"prompt": texts, "completion": texts}),
    "prompt-completion-chat": openai.map(lambda chat: {"prompt": chat[:-1], "completion": chat[-1:]}),
    "chat-completions": st.builds(
        lambda asked, said: {"prompt": asked, "choices": [{"index": 0, "message": {"content": said}}]}, texts, texts
    ),
    "webr": st.fixed_dictionaries({"webpage": texts, "author": texts, "request": texts, "response": texts}),
    "preference": st.builds(lambda p, two: {"prompt": p, "chosen": two[0], "rejected": two[1]}, texts, two),
    "alpaca-preference": st.builds(
        lambda p, two, before: {"instruction": p, "input": "", "chosen": two[0], "rejected": two[1], "history": before},
        texts, two, history,
    ),
    "preference-chat": st.builds(
        lambda chat, two: {
            "prompt": chat[:-1],
            **{side: [{"role": "assistant", "content": text}]
               for side, text in zip(("chosen", "rejected"), two, strict=True)},
        },
        openai, two,
    ),
    "preference-implicit": st.builds(
        lambda chat, two: {
            side: [*chat[:-1], {"role": "assistant", "content": text}]
            for side, text in zip(("chosen", "rejected"), two, strict=True)
        },
        openai, two,
    ),
    "sharegpt-preference": st.builds(
        lambda chat, two: {
            "conversations": chat[:-1],
            **{side: {"from": "gpt", "value": text} for side, text in zip(("chosen", "rejected"), two, strict=True)},
        },
        sharegpt, two,
    ),
    "openai-preference": st.builds(
        lambda chat, two: {
            "input": {"messages": chat[:-1], "tools": []},
            **{side: [{"role": "assistant", "content": text}]
               for side, text in zip(("preferred_output", "non_preferred_output"), two, strict=True)},
        },
        openai, two,
    ),
    "lion-comparison": st.builds(
        lambda asked, two, scores: {
            "instruction": asked, "input": "", "assist1": two[0], "assist2": two[1], "assist1_score": scores[0],
            "assist2_score": scores[1], "review_score_diff": scores[0] - scores[1],
        },
        texts, two, st.sampled_from([(7.5, 3.0), (2.0, 9.0)]),
    ),
}  # fmt: skip
"""Name of a kind of rows → rows of it, each of which can be kept."""
