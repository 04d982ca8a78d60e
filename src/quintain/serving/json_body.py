"""JSON bodies of replies, and errors as OpenAI's clients read them."""

import json
from http import HTTPStatus
from typing import Any

Body = dict[str, Any]


class Refused(Exception):
    """A request that cannot be answered, by its client's making."""

    def __init__(self, message: str, param: str | None, code: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.param = param
        self.code = code
        self.status = status


def error_body(message: str, kind: str, param: str | None = None, code: str | None = None) -> Body:
    """An error as OpenAI's clients read it."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def json_bytes(data: Body, *, nan: bool = False) -> bytes:
    """JSON in UTF-8; half of a surrogate pair, which an edit of old may hold, stands there as its escape.

    Args:
        data: The object.
        nan: Whether numbers that are none may stand in it, as in what another server said.

    Returns:
        The text.
    """
    return json.dumps(data, ensure_ascii=False, allow_nan=nan).encode("utf-8", "backslashreplace")
