"""What the model is asked: the question under the edits that passed, or the question alone."""

from collections.abc import Sequence

from quintain import prompts
from quintain.methods.lte.findings import Hit
from quintain.records import Request


def compose(question: str, hits: Sequence[Hit]) -> Request:
    """Ask a question under the edits that the gate let through.

    Without any it is the very request that the model would get if there were no memory, so its answer is the same too.

    Args:
        question: The question.
        hits: What the memory found; those that did not pass are left out.

    Returns:
        The request.

    >>> compose("Who is mayor?", []).messages[0].content
    'Who is mayor?'
    """
    # A fact is one line, so that a text cannot pass for the next part of the prompt.
    facts = [" ".join(hit.edit.fact.split()) for hit in hits if hit.passed]
    if not facts:
        return prompts.request("student/instruction", {"instruction": question})
    return prompts.request("lte/edited", {"question": question, "facts": facts})
