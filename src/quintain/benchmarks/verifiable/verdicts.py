"""Strict and loose verdicts on one response.

Loose forgives what a chat model wraps around its response: a verdict also holds when it holds without the first line,
the last line, both, or any of these without asterisks.

Source: IFEval, arXiv:2311.07911, section 2.2; evaluation_lib.py of its authors, and of IFBench's.
"""

from quintain.benchmarks.verifiable.prompts import VerifiablePrompt


def verdicts(prompt: VerifiablePrompt, response: str) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
    """Check every instruction of a prompt, each on its own.

    Args:
        prompt: What was asked.
        response: What the model wrote, without its reasoning.

    Returns:
        Strict and loose verdicts; what holds strictly holds loosely.
    """
    variants = loose_variants(response)
    strict = tuple(instruction.holds(response) for instruction in prompt.instructions)
    loose = tuple(
        held or any(map(instruction.holds, variants))
        for held, instruction in zip(strict, prompt.instructions, strict=True)
    )
    return strict, loose


def loose_variants(response: str) -> list[str]:
    r"""The other readings of a response, at most seven, each once.

    >>> loose_variants("Sure!\n*yes*")
    ['*yes*', 'Sure!', '', 'Sure!\nyes', 'yes']
    """
    lines = response.split("\n")
    cut = ["\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1])]
    plain = [variant.replace("*", "") for variant in (response, *cut)]
    return [variant for variant in dict.fromkeys((*cut, *plain)) if variant != response]
