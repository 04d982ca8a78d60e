"""Fields that an endpoint takes, found out by asking with more and more of them.

Wordings of refusals differ from provider to provider and from model to model, and name one field at a time. So nothing
is read from them: a bare chat is asked first, then one field after the other joins, under each name that is in use.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from quintain.models.dialects import ApiDialect
from quintain.models.endpoint_settings import Field
from quintain.models.language_model import Sampling

_NAMES: dict[Field, tuple[str, ...]] = {
    "system": ("system", "developer"),
    "max_tokens": ("max_tokens", "max_completion_tokens"),
    "temperature": ("temperature",),
    "top_p": ("top_p",),
    "seed": ("seed",),
}
"""Field → its names, in the order in which they are tried. Temperature stands before top_p: where one of the two is
taken, it is the one that roles set. A seed under another name may be passed over in silence, so none is tried."""


class Unclear(Exception):
    """An endpoint did not say whether it takes a request."""


@dataclass(frozen=True)
class Wording:
    """One way to put a chat."""

    dialect: ApiDialect
    """Fields that are left out, and names of the others."""
    extra: dict[str, Any]
    """Further fields."""


async def find_wording(accepts: Callable[[Wording], Awaitable[bool]], used: Wording) -> Wording | None:
    """Find the fullest wording that an endpoint takes.

    Args:
        accepts: Asks once, and tells whether the endpoint took the request.
        used: The wording that was refused.

    Returns:
        The wording; None when the endpoint takes the one that is used, or not even a bare chat, so that the reason of
        the refusal is another one.
    """
    if await accepts(used):
        return None
    sent = [part for part in _NAMES if part not in used.dialect.omit]
    found = Wording(replace(used.dialect, omit=frozenset(_NAMES), rename={}), {})
    if not await accepts(found):
        return None
    for part in sent:
        first = used.dialect.name_of(part)
        for name in (first, *(other for other in _NAMES[part] if other != first)):
            dialect = ApiDialect(
                found.dialect.omit - {part}, {**found.dialect.rename, **({part: name} if name != part else {})}
            )
            if await accepts(replace(found, dialect=dialect)):
                found = replace(found, dialect=dialect)
                break
    for name, value in used.extra.items():
        if await accepts(fuller := replace(found, extra=found.extra | {name: value})):
            found = fuller
    return None if found == used else found


def advice(used: Wording, found: Wording, base: ApiDialect, sampling: Sampling) -> str:
    """Say what to write, so that an endpoint is asked in the wording that it takes.

    Args:
        used: The wording that was refused.
        found: The wording that it takes.
        base: The dialect without changes of its own.
        sampling: How the role draws.

    Returns:
        The settings, as YAML.
    """
    omit = sorted(found.dialect.omit - base.omit)
    rename = {
        part: name
        for part in sorted(_NAMES)
        if part not in found.dialect.omit and (name := found.dialect.name_of(part)) != base.name_of(part)
    }
    lines = []
    if omit:
        lines.append(f"`omit: [{', '.join(omit)}]`")
    if rename:
        lines.append(f"`rename: {{{', '.join(f'{part}: {name}' for part, name in rename.items())}}}`")
    if lost := sorted(set(used.extra) - set(found.extra)):
        lines.append(f"no {', '.join(lost)} in `extra`")
    lines += [f"`sampling.{name}: 1`" for name in found.dialect.unsayable(sampling)]
    return ", ".join(lines)
