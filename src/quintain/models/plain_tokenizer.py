"""A tokenizer whose control tokens go by secret names, so that no text can spell them."""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from quintain.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import AddedToken
    from transformers import PreTrainedTokenizerBase

_PRIVATE = 0xF0000
_NAME_LENGTH = 12


class PlainTokenizer:
    """Encodes text in which control tokens stand where the caller puts them and nowhere else.

    It is a copy of a tokenizer in which each control token has another, random name, in the list of added tokens and in
    the vocabulary of the model: some models would spell `</s>` from their vocabulary without any added token.

    Args:
        tokenizer: The tokenizer.
        control: Its control tokens by id.

    Raises:
        ModelError: The tokenizer has no fast backend.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", control: Mapping[int, "AddedToken"]) -> None:
        backend: Any = getattr(tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise ModelError(
                f"the chat holds the text of a control token, and {type(tokenizer).__name__} is no fast tokenizer, "
                "which could keep it text; add a tokenizer.json to the model's folder"
            )
        from tokenizers import Tokenizer

        secret = "".join(chr(_PRIVATE + secrets.randbelow(0xFFFE)) for _ in range(_NAME_LENGTH))
        self._names = {number: f"{secret}{chr(_PRIVATE + place)}" for place, number in enumerate(control)}
        state = json.loads(backend.to_str()) | {"truncation": None, "padding": None, "post_processor": None}
        for token in state["added_tokens"]:
            if token["id"] in self._names:
                token |= {"content": self._names[token["id"]], "normalized": False}
                token |= dict.fromkeys(("single_word", "lstrip", "rstrip"), False)
        _rename(state["model"], self._names)
        self._backend = Tokenizer.from_str(json.dumps(state))
        if moved := [number for number, name in self._names.items() if self._backend.token_to_id(name) != number]:
            shown = ", ".join(control[number].content for number in moved[:3])
            raise ModelError(f"the control tokens of the tokenizer cannot be told from text: {shown}")

    def encode(self, pieces: Sequence[str], control: Sequence[int]) -> list[int]:
        """Encode pieces of text with a control token between each two.

        Args:
            pieces: The text.
            control: Ids of the control tokens, one fewer than pieces.

        Returns:
            The ids.
        """
        names = [*(self._names[number] for number in control), ""]
        text = "".join(piece + name for piece, name in zip(pieces, names, strict=True))
        ids: list[int] = self._backend.encode(text, add_special_tokens=False).ids
        return ids


def _rename(model: dict[str, Any], names: Mapping[int, str]) -> None:
    vocabulary = model["vocab"]
    if isinstance(vocabulary, list):  # Unigram: pieces and their scores, by id
        for number, name in names.items():
            if number < len(vocabulary):
                vocabulary[number][0] = name
        return
    former = {token: names[number] for token, number in vocabulary.items() if number in names}
    model["vocab"] = {former.get(token, token): number for token, number in vocabulary.items()}
    if model.get("unk_token") in former:
        model["unk_token"] = former[model["unk_token"]]
    if "merges" in model:
        prefix = model.get("continuing_subword_prefix") or ""
        pairs = [merge.split(" ") if isinstance(merge, str) else merge for merge in model["merges"]]
        model["merges"] = [
            (left, right)
            for left, right in pairs
            if not former.keys() & {left, right, left + right.removeprefix(prefix)}
        ]
