"""An endpoint's taste is found out by asking, whatever it says in its refusals."""

import asyncio

import pytest

from quintain.models.accepted_fields import Wording, advice, find_wording
from quintain.models.dialects import DIALECTS, ApiDialect
from quintain.models.language_model import Sampling

STANDARD = Wording(DIALECTS["standard"], {})
PARTS = ("system", "max_tokens", "temperature", "top_p", "seed")


def names(wording):
    """Everything that a request in a wording carries."""
    sent = {wording.dialect.name_of(part) for part in PARTS if part not in wording.dialect.omit}
    return sent | set(wording.extra)


def found(takes, used=STANDARD):
    asked = []

    async def accepts(wording):
        asked.append(names(wording))
        return takes(names(wording))

    wording = asyncio.run(find_wording(accepts, used))
    assert len(asked) <= 16
    return wording


def told(takes, used=STANDARD, sampling=None):
    return advice(used, found(takes, used), DIALECTS["standard"], sampling or Sampling(temperature=0.7))


@pytest.mark.parametrize(
    ("takes", "write"),
    [
        # newer Claude: one of the two, and no seed
        (lambda sent: not {"temperature", "top_p"} <= sent and "seed" not in sent, "`omit: [seed, top_p]`"),
        # Gemini
        (lambda sent: "seed" not in sent, "`omit: [seed]`"),
        # OpenAI's reasoning models
        (
            lambda sent: sent <= {"developer", "max_completion_tokens"},
            "`omit: [seed, temperature, top_p]`, `rename: {max_tokens: max_completion_tokens, system: developer}`, "
            "`sampling.temperature: 1`",
        ),
        # Gemma's template
        (lambda sent: not {"system", "developer"} & sent, "`omit: [system]`"),
        # a server that takes nothing but the chat
        (lambda sent: not sent, "`omit: [max_tokens, seed, system, temperature, top_p]`, `sampling.temperature: 1`"),
    ],
)
def test_what_it_takes_is_what_to_write(takes, write):
    assert told(takes) == write


def test_a_field_of_ones_own_may_be_the_fault():
    used = Wording(DIALECTS["standard"], {"top_k": 3, "min_p": 0.1})
    assert told(lambda sent: "min_p" not in sent, used) == "no min_p in `extra`"


def test_an_endpoint_that_takes_what_it_is_asked_or_nothing_at_all_has_another_reason():
    assert found(lambda _: True) is None
    assert found(lambda _: False) is None


def test_what_is_omitted_already_stays_omitted():
    used = Wording(ApiDialect(frozenset({"seed"})), {})
    assert found(lambda sent: "top_p" not in sent, used).dialect.omit == {"seed", "top_p"}
