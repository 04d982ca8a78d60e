"""A chat template in Ollama's language, found by rendering small chats with the model's own.

Ollama writes turns with Go templates and knows no Jinja. Most templates put each turn between two fixed texts, which
are cut out of rendered chats. The result is believed only when it renders longer chats as the model's own does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os.path import commonprefix

from jinja2 import TemplateError

from quintain.errors import ModelError

Turns = Sequence[dict[str, str]]
Render = Callable[[Turns, bool], str]
"""Renders turns with `role` and `content`, with or without the opening of the next response."""

# Words that no template holds, so that they are found again in what it renders.
_SYSTEM = "Speak like the gardener of Quince Hall."
_FIRST, _SECOND, _THIRD = "Tell me of the walled garden.", "Tell me of the glasshouse.", "And\nof the pond?"
_RESPONSE, _LATER = "Pears grow on the south wall.", "Lemons stand in it all winter."


@dataclass(frozen=True)
class OllamaTemplate:
    """Texts around the turns of a chat."""

    around: dict[str, tuple[str, str]]
    """Role → text before and behind its turn."""
    opening: str
    """Text that opens a response."""
    head: str
    """Text before a chat without a system turn, such as a system turn of the template's own."""

    def render(self, turns: Turns) -> str:
        """Render turns as Ollama will, with the opening of the next response."""
        pieces = [] if any(turn["role"] == "system" for turn in turns) else [self.head]
        for turn in turns:
            before, behind = self.around[turn["role"]]
            pieces.append(f"{before}{turn['content']}{behind}")
        return "".join(pieces) + self.opening

    def go(self) -> str:
        """The template in Go's language."""
        roles = [role for role in ("system", "user", "assistant") if role in self.around]
        branches = "".join(
            f'{{{{ {"if" if number == 0 else "else if"} eq .Role "{role}" }}}}'
            f"{_literal(self.around[role][0])}{{{{ .Content }}}}{_literal(self.around[role][1])}"
            for number, role in enumerate(roles)
        )
        head = f"{{{{ if not .System }}}}{_literal(self.head)}{{{{ end }}}}" if self.head else ""
        return f"{head}{{{{ range .Messages }}}}{branches}{{{{ end }}}}{{{{ end }}}}{_literal(self.opening)}"


def find_template(render: Render, bos: str, *, takes_system: bool) -> OllamaTemplate:
    """Put a chat template into Ollama's language.

    Args:
        render: Renders with the model's own.
        bos: Beginning-of-sequence token, where Ollama puts it before a chat by itself; empty: it does not.
        takes_system: Whether the template has a place for a system turn.

    Returns:
        The template.

    Raises:
        ModelError: It cannot be said in texts around the turns.
    """

    def told(turns: Turns, *, opened: bool = True) -> str:
        return render(turns, opened).removeprefix(bos)

    why = ""
    chats = _chats(takes_system=takes_system)
    for cut in (_cut_at_ends, _cut_anywhere):
        try:
            found = cut(told, takes_system=takes_system)
            odd = next((chat for chat in chats if found.render(chat) != told(chat)), None)
        except (TemplateError, ValueError) as error:
            why = why or f"it could not be taken apart ({error})"
            continue
        if odd is not None:
            why = why or f"it renders a chat of {len(odd)} turns otherwise than turn by turn"
        elif takes_system:
            return found
        else:  # the model knows no system turn, so it is shown one as the user's, not nothing
            return replace(found, around={"system": found.around["user"], **found.around})
    raise ModelError(_unsayable(why))


def _cut_at_ends(told: Callable[..., str], *, takes_system: bool) -> OllamaTemplate:
    """Cut where a turn ends that nothing follows."""
    user, response = _turn("user", _FIRST), _turn("assistant", _RESPONSE)
    alone, closed = told([user]), told([user], opened=False)
    behind_user = _behind(closed, _FIRST)
    opening = _behind(alone, _FIRST).removeprefix(behind_user)
    behind_response = _behind(told([user, response], opened=False), _RESPONSE)
    # As they stand in a prompt: the last response of a chat may be rendered otherwise, and no prompt holds it.
    longer = told([user, response, _turn("user", _SECOND)])
    before_response = _between(longer, _FIRST, _RESPONSE).removeprefix(behind_user)
    before_user = _between(longer, _RESPONSE, _SECOND).removeprefix(behind_response)
    around = {"user": (before_user, behind_user), "assistant": (before_response, behind_response)}
    if takes_system:
        asked = told([_turn("system", _SYSTEM), user])
        around["system"] = (asked[: asked.index(_SYSTEM)], _between(asked, _SYSTEM, _FIRST).removesuffix(before_user))
    return OllamaTemplate(around, opening, alone[: alone.index(_FIRST)].removesuffix(before_user))


def _cut_anywhere(told: Callable[..., str], *, takes_system: bool) -> OllamaTemplate:
    """Cut so that everything fits together, for templates that write something else where nothing follows."""
    user, response = _turn("user", _FIRST), _turn("assistant", _RESPONSE)
    alone, longer = told([user]), told([user, response, _turn("user", _SECOND)])
    asked = told([_turn("system", _SYSTEM), user]) if takes_system else ""
    last, answered = _behind(alone, _FIRST), _between(longer, _FIRST, _RESPONSE)
    behind_user = commonprefix([last, answered])  # noqa: RUF071 - letters are what is compared
    first, again = alone[: alone.index(_FIRST)], _between(longer, _RESPONSE, _SECOND)
    under_system = [_between(asked, _SYSTEM, _FIRST)] if takes_system else []
    backwards = [text[::-1] for text in (first, again, *under_system)]
    before_user = commonprefix(backwards)[::-1]  # noqa: RUF071
    around = {
        "user": (before_user, behind_user),
        "assistant": (answered.removeprefix(behind_user), again.removesuffix(before_user)),
    }
    if takes_system:
        around["system"] = (asked[: asked.index(_SYSTEM)], under_system[0].removesuffix(before_user))
    return OllamaTemplate(around, last.removeprefix(behind_user), first.removesuffix(before_user))


def _chats(*, takes_system: bool) -> list[list[dict[str, str]]]:
    turns = [_turn("user", _FIRST), _turn("assistant", _RESPONSE), _turn("user", _SECOND), _turn("assistant", _LATER)]
    chats = [turns[:1], turns[:3], [*turns, _turn("user", _THIRD)]]
    return chats + [[_turn("system", _SYSTEM), *chat] for chat in chats] if takes_system else chats


def _turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _behind(text: str, mark: str) -> str:
    return text[text.index(mark) + len(mark) :]


def _between(text: str, first: str, second: str) -> str:
    start = text.index(first) + len(first)
    return text[start : text.index(second, start)]


def _literal(text: str) -> str:
    """A text in a Go template, where two braces begin a command."""
    return text.replace("{{", '{{ "{{" }}')


def _unsayable(why: str) -> str:
    return (
        f"the chat template cannot be put into Ollama's language: {why}; export the model as gguf, and write the "
        "TEMPLATE of a Modelfile by hand"
    )
