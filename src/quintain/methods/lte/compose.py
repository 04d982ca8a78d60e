"""Prompt of an edited model: the question under the edits that passed the gate, or the question alone."""

from collections.abc import Sequence

from quintain import prompts
from quintain.methods.lte.edits import Edit, Words, find_name, word_forms
from quintain.methods.lte.findings import Hit
from quintain.records import Request


def compose(question: str, hits: Sequence[Hit]) -> Request:
    """Ask a question under the edits that the gate let through.

    An edit is told of its subject by the name that the question has for it. Without any edit it is the very request
    that the model would get if there were no memory, so its answer is the same too.

    Args:
        question: The question.
        hits: What the memory found; those that did not pass are left out.

    Returns:
        The request.

    >>> compose("Who is mayor?", []).messages[0].content
    'Who is mayor?'
    """
    asked = word_forms(question)
    # A fact is one line, so that a text cannot pass for the next part of the prompt.
    facts = [" ".join(_fact(hit.edit, asked).split()) for hit in hits if hit.passed]
    if not facts:
        return prompts.request("student/instruction", {"instruction": question})
    return prompts.request("lte/edited", {"question": question, "facts": facts})


def _fact(edit: Edit, asked: Words) -> str:
    if not edit.aliases or find_name(word_forms(edit.subject), asked) is not None:
        return edit.fact
    named = (alias for alias in edit.aliases if find_name(word_forms(alias), asked) is not None)
    return f"{edit.prompt_of(next(named, edit.subject))} {edit.target_new}"
