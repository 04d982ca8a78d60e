"""The kinds of instruction: each has a checker, and parameters that a file must give in full."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
"""A number of things, 0 or more."""
Position = Annotated[int, msgspec.Meta(ge=1)]
"""A place, counted from 1."""
Text = Annotated[str, msgspec.Meta(pattern=r"\S")]
"""A text that is more than white space."""
Texts = Annotated[list[Text], msgspec.Meta(min_length=1)]
"""One text or more."""
Relation = Literal["less than", "at least"]
"""How a number in the response compares with the one that was asked for."""

_CHECKERS: dict[str, tuple[Callable[..., bool], type[msgspec.Struct]]] = {}


@dataclass(frozen=True)
class VerifiableInstruction:
    """One instruction of a prompt: which kind, with which parameters."""

    kind: str
    """Instruction id of the file, `family:name`."""
    parameters: dict[str, Any]
    """What the checker compares the response with; complete and of the right types."""

    @property
    def family(self) -> str:
        """The part of the kind before the colon, such as `keywords`."""
        return self.kind.partition(":")[0]

    def holds(self, response: str) -> bool:
        """True where the response follows this instruction; an empty response follows none."""
        return bool(response.strip()) and _CHECKERS[self.kind][0](response, **self.parameters)


def checks(kind: str) -> Callable[[Callable[..., bool]], Callable[..., bool]]:
    """Make a function the checker of a kind of instruction.

    Its keyword-only arguments are the parameters that a file must give, with the types it must give them in.

    Args:
        kind: Instruction id, `family:name`.

    Returns:
        A decorator that leaves the function as it is.
    """

    def register(checker: Callable[..., bool]) -> Callable[..., bool]:
        fields = [
            (name, parameter.annotation)
            for name, parameter in inspect.signature(checker).parameters.items()
            if parameter.kind is parameter.KEYWORD_ONLY
        ]
        _CHECKERS[kind] = checker, msgspec.defstruct(checker.__name__, fields, forbid_unknown_fields=True)
        return checker

    return register


def kinds() -> tuple[str, ...]:
    """All kinds of instruction that have a checker, sorted."""
    return tuple(sorted(_CHECKERS))


def make_instruction(kind: str, parameters: dict[str, Any]) -> VerifiableInstruction:
    """Bind a checker to its parameters.

    Args:
        kind: Instruction id, `family:name`.
        parameters: What the file gives; a parameter that is None counts as not given.

    Returns:
        The instruction.

    Raises:
        ValueError: There is no such kind, or a parameter is missing, unknown or of another type. Nothing is guessed:
            the published code would draw a missing parameter at random.
    """
    if kind not in _CHECKERS:
        close = get_close_matches(kind, kinds(), n=3)
        raise ValueError(
            f"there is no instruction {kind!r}"
            + (f"; did you mean {', '.join(close)}?" if close else "; all are in docs/systems/ifeval.md and ifbench.md")
        )
    form = _CHECKERS[kind][1]
    given = {name: _whole(value) for name, value in parameters.items() if value is not None}
    try:
        return VerifiableInstruction(kind, msgspec.structs.asdict(msgspec.convert(given, form)))
    except msgspec.ValidationError as error:
        raise ValueError(f"{kind} takes {', '.join(form.__struct_fields__) or 'no parameters'}: {error}") from None


def _whole(value: Any) -> Any:
    """A whole number that a file writes with a point, as IFBench does, without it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def compare(number: int, relation: Relation, limit: int) -> bool:
    """Compare as an instruction asks.

    >>> compare(3, "at least", 3), compare(3, "less than", 3)
    (True, False)
    """
    return number < limit if relation == "less than" else number >= limit
