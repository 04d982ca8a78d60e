"""Reasons why servers end a reply, as a closed list: only what means a whole response is one."""

from typing import Any, Literal

Ending = Literal["whole", "length", "blocked", "tool", "unknown"]
"""`whole`: it said all it had to say; `length`: the limit of tokens cut it; `blocked`: a filter did; `tool`: it wants
to call one; `unknown`: an error, or a word that is in no list."""

# Letters alone, in small: `end_turn`, `endTurn` and `END_TURN` are one word.
_ENDINGS: dict[str, Ending] = {
    # OpenAI, TGI, Anthropic, Cohere, Gemini, AI21
    **dict.fromkeys(
        ("stop", "eos", "eostoken", "endturn", "endofturn", "endoftext", "endofsequence", "stopsequence", "complete",
         "completed"),
        "whole",
    ),
    # Mistral says model_length where the context ends
    **dict.fromkeys(
        ("length", "maxtokens", "maxoutputtokens", "maxnewtokens", "maxcompletiontokens", "maximumtokens", "maxlength",
         "maxtokensreached", "tokenlimit", "tokenlimitreached", "modellength", "contextlength",
         "modelcontextwindowexceeded", "errorlimit"),
        "length",
    ),
    **dict.fromkeys(
        ("contentfilter", "contentfiltered", "safety", "recitation", "blocklist", "prohibitedcontent", "spii",
         "imagesafety", "language", "guardrailintervened", "guardrails", "refusal", "sensitive", "errortoxic"),
        "blocked",
    ),
    **dict.fromkeys(
        ("toolcalls", "toolcall", "tooluse", "functioncall", "malformedfunctioncall", "unexpectedtoolcall"), "tool"
    ),
}  # fmt: skip


def read_ending(reason: Any) -> Ending:
    """Read a `finish_reason`.

    Args:
        reason: What the server states, whatever it is.

    Returns:
        What it means; everything that is in no list is `unknown`.

    >>> read_ending("MAX_TOKENS"), read_ending("stop"), read_ending("error"), read_ending(None)
    ('length', 'whole', 'unknown', 'unknown')
    """
    if isinstance(reason, dict):  # SGLang's own form, AI21's
        reason = reason.get("type") or reason.get("reason")
    if not isinstance(reason, str):
        return "unknown"
    word = reason.rpartition(".")[2]  # an enumeration that was printed: FinishReason.STOP
    return _ENDINGS.get("".join(filter(str.isalpha, word)).lower().removeprefix("finishreason"), "unknown")
