"""Budgets over a ledger: room is reserved in it before a call and settled after it, by every process that shares it.

What is in flight counts with the most it may cost. A process that is killed leaves its reservations behind: they count
as spent, because their calls may have been paid, as soon as the process is known to be gone, or, on another machine,
when the call must have ended.
"""

import logging
import os
import secrets
import socket
import sqlite3
import time
from contextlib import AbstractContextManager
from pathlib import Path

from quintain.errors import LedgerError
from quintain.models.budget import Budget, stop_message
from quintain.models.ledger import Ledger
from quintain.models.ledger_counts import bounded, spent_usage
from quintain.usage import Price, Usage

logger = logging.getLogger(__name__)

_SLACK_SECONDS = 60
"""Time for a reply to be read and settled, and for clocks of several machines to differ."""
_COUNTS = ("calls", "prompt_tokens", "completion_tokens")


class SharedMeter:
    """The meter of a role and a model over all processes and runs on one ledger.

    Args:
        ledger: Where it is counted.
        role: Role that asks.
        model: Name of the model.
        budget: The most that may be spent.
        price: Price of the tokens, needed for a budget in money.

    Raises:
        LedgerError: The ledger cannot be used.
    """

    def __init__(self, ledger: Ledger, role: str, model: str, budget: Budget, price: Price | None = None) -> None:
        self._ledger = ledger
        self._names = (role, model)
        self._budget = budget
        self._price = price
        # Answers of versions that reserved nothing, and of ledgers that were joined, are spent as well.
        spent = ledger.spent(role, model)
        with ledger.transaction() as connection:
            settled = spent_usage(connection, role, model)
            self._spend(connection, settled.or_more(spent) - settled)
            self._release_dead(connection)

    def opened(self) -> AbstractContextManager[object]:
        """Keep the ledger open in this thread."""
        return self._ledger.held()

    def reserve(self, most: Usage, seconds: float, *, outlives: bool = False) -> str | None:
        """Reserve room for a call, in one transaction with the look at what is spent and in flight.

        Args:
            most: The most it may cost.
            seconds: The longest it may take.
            outlives: Whether it goes on when this process ends, such as a batch.

        Returns:
            The reservation; None when the budget does not hold the call.

        Raises:
            LedgerError: The ledger cannot be used.
        """
        reservation = secrets.token_hex(8)
        with self._ledger.transaction() as connection:
            total = spent_usage(connection, *self._names) + self._in_flight(connection) + most
            if not self._budget.holds(total, self._price):
                return None
            connection.execute(
                "INSERT INTO reserved VALUES (?,?,?,?,?,?,?,?,?)",
                (reservation, *self._names, most.calls, most.prompt_tokens, most.completion_tokens,
                 "" if outlives else this_host(), os.getpid(), time.time() + seconds + _SLACK_SECONDS),
            )  # fmt: skip
        return reservation

    def settle(self, reservation: str, cost: Usage) -> None:
        """End a reservation with what its call cost; one that others took for dead is counted already.

        A ledger that cannot be written just now does not take the answer down: the reservation then counts in full.
        """
        try:
            with self._ledger.transaction() as connection:
                if connection.execute("DELETE FROM reserved WHERE id = ?", (reservation,)).rowcount:
                    self._spend(connection, cost)
        except LedgerError as error:
            logger.warning("a call will count with the most it may cost: %s", error)

    def is_waiting(self) -> bool:
        """True while calls in flight, of any process, may still give room back."""
        with self._ledger.transaction() as connection:
            self._release_dead(connection)
            return self._in_flight(connection).calls > 0

    def stopped(self, most: Usage) -> str:
        """The message for a next call that does not fit."""
        return stop_message(self._budget, self._price, self._ledger.spent(*self._names), most)

    def _in_flight(self, connection: sqlite3.Connection) -> Usage:
        sums = ", ".join(f"COALESCE(SUM({bounded(name)}), 0)" for name in _COUNTS)
        row = connection.execute(f"SELECT {sums} FROM reserved WHERE role = ? AND model = ?", self._names).fetchone()  # noqa: S608
        return Usage(*row)

    def _spend(self, connection: sqlite3.Connection, cost: Usage) -> None:
        total = spent_usage(connection, *self._names) + cost
        connection.execute(
            "INSERT OR REPLACE INTO spent VALUES (?,?,?,?,?)",
            (*self._names, total.calls, total.prompt_tokens, total.completion_tokens),
        )

    def _release_dead(self, connection: sqlite3.Connection) -> None:
        """Count reservations as spent whose calls nobody will settle."""
        columns = ", ".join(bounded(name) for name in _COUNTS)
        left = connection.execute(
            f"SELECT id, host, pid, ends_at, {columns} FROM reserved WHERE role = ? AND model = ?",  # noqa: S608
            self._names,
        ).fetchall()
        for reservation, host, pid, ends_at, *most in left:
            if is_over(host, pid, ends_at):
                connection.execute("DELETE FROM reserved WHERE id = ?", (reservation,))
                self._spend(connection, Usage(*most))


def is_over(host: str, pid: int, ends_at: float) -> bool:
    """True when a process that was to be done at a time is gone, or its time is over."""
    if not isinstance(ends_at, float) or ends_at < time.time():
        return True
    return host == this_host() and not _is_running(pid)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError, TypeError):
        return True  # somebody else's, or no pid at all: the time will tell
    return True


def this_host() -> str:
    """This machine, and on Linux the process ids that count on it, for containers may share a machine's name."""
    try:
        return f"{socket.gethostname()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()
