"""Metrics of a server in the text format of Prometheus."""

from collections import Counter
from collections.abc import Callable, Collection

from quintain.records import Completion

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SERVER_ERROR = 500

_HELP = {
    "quintain_requests_total": ("counter", "Requests answered, by status."),
    "quintain_errors_total": ("counter", "Requests that the server failed on or that it refused, by whose fault."),
    "quintain_requests_edited_total": ("counter", "Requests that an edit was put into."),
    "quintain_prompt_tokens_total": ("counter", "Tokens of prompts that were read."),
    "quintain_completion_tokens_total": ("counter", "Tokens that were written."),
    "quintain_requests_in_flight": ("gauge", "Requests that are being received or answered."),
    "quintain_calls_waiting": ("gauge", "Completions that wait for their turn."),
    "quintain_calls_running": ("gauge", "Completions that are being written."),
}
OF_STUDENT = frozenset(_HELP) - {"quintain_requests_edited_total"}
"""Metrics of a server that answers itself."""
OF_PROXY = frozenset(
    (
        "quintain_requests_total",
        "quintain_errors_total",
        "quintain_requests_edited_total",
        "quintain_requests_in_flight",
    )
)
"""Metrics of one that lets another server answer."""


class Metrics:
    """Counts of one server; changed on its event loop alone.

    Args:
        names: The metrics that it has.
    """

    def __init__(self, names: Collection[str] = OF_STUDENT) -> None:
        self._names = names
        self.in_flight = 0
        self.edited = 0
        self.waiting: Callable[[], int] = lambda: 0
        self.running: Callable[[], int] = lambda: 0
        self._statuses: Counter[int] = Counter()
        self._prompt_tokens = 0
        self._completion_tokens = 0

    def answered(self, status: int) -> None:
        """Count a request."""
        self._statuses[status] += 1

    def completed(self, completion: Completion) -> None:
        """Count the tokens of a completion."""
        if completion.finish_reason != "error":
            self._prompt_tokens += completion.prompt_tokens
            self._completion_tokens += completion.completion_tokens

    def text(self) -> str:
        """All metrics, as a scraper reads them."""
        failed = sum(count for status, count in self._statuses.items() if status >= _SERVER_ERROR)
        refused = sum(count for status, count in self._statuses.items() if 400 <= status < _SERVER_ERROR)
        samples = {
            "quintain_requests_total": {f'{{status="{status}"}}': count for status, count in self._statuses.items()},
            "quintain_errors_total": {'{fault="client"}': refused, '{fault="server"}': failed},
            "quintain_requests_edited_total": {"": self.edited},
            "quintain_prompt_tokens_total": {"": self._prompt_tokens},
            "quintain_completion_tokens_total": {"": self._completion_tokens},
            "quintain_requests_in_flight": {"": self.in_flight},
            "quintain_calls_waiting": {"": self.waiting()},
            "quintain_calls_running": {"": self.running()},
        }
        lines: list[str] = []
        for name, (kind, meaning) in _HELP.items():
            if name not in self._names:
                continue
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
            lines += [f"{name}{labels} {value}" for labels, value in sorted(samples[name].items())]
        return "\n".join(lines) + "\n"
