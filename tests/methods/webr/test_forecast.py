"""The forecast walks the real questions."""

from quintain.methods.webr import WebrParams, ask_author, forecast_calls, plan

MODELS = {"author": "a", "teacher": "t"}


def test_three_calls_a_row_of_material_and_four_a_row_of_evidence(pages):
    calls = forecast_calls(pages(30), WebrParams(), MODELS)
    assert [(one.role, one.calls) for one in calls] == [
        ("author", 30),
        ("teacher", 30),
        ("teacher", 30),
        ("teacher", 10),
    ]


def test_prompts_are_counted_at_four_characters_a_token(pages):
    params = WebrParams()
    (request,) = ask_author(plan(pages(1), params), params)
    characters = sum(len(message.content) for message in request.messages)
    assert forecast_calls(pages(1), params, MODELS)[0].prompt_tokens == -(-characters // 4)


def test_completions_are_as_long_as_prompts_allow_and_responses_as_assumed(pages):
    params = WebrParams(word_budgets=(60,), as_response=0)
    author, request, response, _ = forecast_calls(pages(2), params, MODELS, response_tokens=300)
    # 30 words of persona and 60 of request, four tokens for three words
    assert (author.completion_tokens, request.completion_tokens, response.completion_tokens) == (
        2 * 40,
        2 * 80,
        2 * 300,
    )


def test_no_pages_cost_nothing():
    assert sum(one.calls for one in forecast_calls([], WebrParams(), MODELS)) == 0
