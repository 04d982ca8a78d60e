"""Requests as questions to an endpoint, and its replies as completions, whichever way they travel."""

from collections.abc import Sequence
from dataclasses import asdict, replace

from quintain.errors import ConfigError
from quintain.models.accepted_fields import Wording
from quintain.models.chat_completions import Reply
from quintain.models.dialects import dialect_of, most_usage, write_body
from quintain.models.endpoint_settings import EndpointSettings
from quintain.models.language_model import Sampling
from quintain.models.probe import GREET, PROBE_SCHEMA
from quintain.models.questions import Question
from quintain.models.reported_usage import likely_tokens
from quintain.models.structured import ReplySchema
from quintain.prompts import render
from quintain.reasoning import Told, with_trace
from quintain.records import Completion, Message, Origin, Request, content_id
from quintain.text.traces import strip_trace
from quintain.usage import NOTHING

NO_TEXT = Reply("the chat holds half a surrogate pair, which is no text", "error", NOTHING, of_request=True)
"""Reply to a chat that cannot be sent."""


class Asking:
    """Puts requests into the words of an endpoint and reads its replies.

    Args:
        settings: Where the model is and how it may be asked.
        sampling: How tokens are drawn.
        name: Identity of the model.

    Raises:
        ConfigError: The sampling cannot be asked for, or a schema is none.
    """

    def __init__(self, settings: EndpointSettings, sampling: Sampling, name: str) -> None:
        self.wording = Wording(dialect_of(settings), settings.extra)
        self._settings = settings
        self._sampling = sampling
        self._name = name
        if unsayable := self.wording.dialect.unsayable(sampling):
            own = f" with omit: [{', '.join(settings.omit)}]" if settings.omit else ""
            raise ConfigError(
                f"models of the dialect {settings.dialect!r}{own} draw at {' and '.join(f'{n} 1' for n in unsayable)} "
                f"and take no other; set {' and '.join(f'sampling.{n}' for n in unsayable)} to 1"
            )
        schemas = settings.structured and {GREET: PROBE_SCHEMA} | settings.structured
        self._schemas = {prompt: ReplySchema(prompt, schema) for prompt, schema in schemas.items()}

    def schema_of(self, request: Request) -> ReplySchema | None:
        """The schema that replies to a request must fit, if any."""
        return self._schemas.get(request.prompt.partition("@")[0])

    def fault_of(self, request: Request, reply: Reply) -> str:
        """The reason why a whole reply does not fit its schema; empty when it does, or needs not."""
        schema = self.schema_of(request)
        return schema.fault(strip_trace(reply.text)) if schema and reply.finish_reason == "stop" else ""

    def id_of(self, request: Request, fault: str = "") -> str:
        """Name of a call that is the same in every run.

        Args:
            request: What is asked.
            fault: What is wrong with the reply that is to be repaired.

        Returns:
            Hexadecimal digits.
        """
        return content_id(self._name, asdict(self._sampling), request.id, request.sample, *([fault] if fault else []))

    def question(self, request: Request) -> Question:
        """Put a request as a question.

        Args:
            request: What is asked.

        Returns:
            The question.

        Raises:
            UnicodeEncodeError: A turn is no text.
        """
        return self._question_of(request, request.messages)

    def repair(self, request: Request, reply: Reply, fault: str) -> Question:
        """The wish for a reply that fits its schema, after one that does not."""
        schema = self._schemas[request.prompt.partition("@")[0]]
        wish = render("endpoint/repair", fault=fault, schema=schema.text)
        return self._question_of(request, [*request.messages, Message(role="assistant", content=reply.text), *wish])

    def repaired(self, request: Request, first: Reply, second: Reply) -> Reply:
        """The reply after its repair, with the cost of both."""
        second = replace(second, usage=first.usage + second.usage, estimated=first.estimated or second.estimated)
        if fault := self.fault_of(request, second):
            return replace(second, text=f"no JSON of the schema, even after one repair: {fault}", finish_reason="error")
        return second

    def trial(self, chat: Sequence[Message], sampling: Sampling, wording: Wording) -> Question:
        """A question in another wording, to see whether it is taken."""
        return self._question(chat, sampling, 1, wording)

    def completion(self, request: Request, reply: Reply, repaired: str = "") -> Completion:
        """The completion of a request.

        Args:
            request: What was asked.
            reply: What came.
            repaired: What was wrong with the first reply.

        Returns:
            The completion; what is known beside its text stands in its origin.
        """
        notes = {"usage": "estimated" if reply.estimated else "", "repaired": repaired}
        is_error = reply.finish_reason == "error"
        told = Told(reply.text, reply.reasoning, cut=bool(reply.reasoning) and not reply.text)
        return Completion(
            request_id=request.id,
            text=reply.text if is_error else with_trace(told),
            finish_reason=reply.finish_reason,
            prompt_tokens=reply.usage.prompt_tokens,
            completion_tokens=reply.usage.completion_tokens,
            origin=Origin(
                parents=(request.id,),
                prompt=request.prompt,
                model=self._name,
                seed=self._sampling.seed,
                knobs={name: note for name, note in notes.items() if note},
            ),
        )

    def _question_of(self, request: Request, messages: Sequence[Message]) -> Question:
        wording = self.wording
        if schema := self.schema_of(request):
            wording = replace(wording, extra=wording.extra | {"response_format": schema.response_format})
        seed = int(content_id(self._sampling.seed, request.id, request.sample), 16) % (1 << 31)
        return self._question(messages, self._sampling, seed, wording)

    def _question(self, messages: Sequence[Message], sampling: Sampling, seed: int, wording: Wording) -> Question:
        body = write_body(self._settings.model, messages, sampling, seed, wording.dialect, wording.extra)
        prompt_bytes = sum(len(turn.content.encode("utf-8", "replace")) for turn in messages)
        likely = likely_tokens(prompt_bytes) + sampling.max_new_tokens
        return Question(body, prompt_bytes, most_usage(messages, sampling), likely)
