"""Replies that must be JSON of a given schema: asked of the server, and checked here all the same."""

from typing import Any

import msgspec
from jsonschema import Draft202012Validator, SchemaError

from quintain.errors import ConfigError


class ReplySchema:
    """A JSON schema for replies to one prompt.

    Args:
        prompt: Name of the prompt.
        schema: The schema.

    Raises:
        ConfigError: It is no JSON schema.
    """

    def __init__(self, prompt: str, schema: dict[str, Any]) -> None:
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            raise ConfigError(f"structured.{prompt} is no JSON schema: {error.message}") from None
        self._validator = Draft202012Validator(schema)
        self.text = msgspec.json.encode(schema).decode()
        self.response_format = {
            "type": "json_schema",
            "json_schema": {"name": prompt.replace("/", "_"), "schema": schema, "strict": True},
        }

    def fault(self, text: str) -> str:
        """The reason that a reply does not fit; empty when it does."""
        try:
            value = msgspec.json.decode(text)
            worst = next(self._validator.iter_errors(value), None)
            return f"at {worst.json_path}: {worst.message[:200]}" if worst else ""
        except msgspec.DecodeError as error:
            return f"it is no JSON ({error})"
        except RecursionError:
            return "it is nested too deeply"
        except OverflowError:
            return "it holds a number beyond all bounds"
