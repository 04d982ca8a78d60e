"""Long work is seen to move, in a log and on a terminal."""

import io
import logging
import re
import threading

import pytest

from quintain import progress
from quintain.progress import Progress


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.01)


def wait_for(condition):
    pause = threading.Event()
    for _ in range(2000):
        if condition():
            return True
        pause.wait(0.005)
    return False


def test_a_line_says_done_of_all_note_speed_and_time_left():
    work = Progress("training, steps", 1200, "tokens", done=200)
    work._started -= 100  # seconds
    work.advance(500, 50_000, "loss 1.234")
    # 500 parts in 100 s leave another 100 s for the 500 that are left.
    assert re.fullmatch(r"training, steps: 700 of 1,200, loss 1\.234, (499|500) tokens/s, 2 min left", work.line)


def test_what_is_not_known_is_not_said():
    assert Progress("requests", 8).line == "requests: 0 of 8"
    whole = Progress("requests", 8)
    whole.advance(8)
    assert whole.line == "requests: 8 of 8"


def test_lines_come_while_a_step_takes_long_and_none_comes_afterwards(quick, caplog):
    caplog.set_level(logging.INFO, "quintain.progress")
    with Progress("requests", 8) as work:
        assert wait_for(lambda: len(caplog.messages) >= 2)
        work.advance(3)
        assert wait_for(lambda: caplog.messages[-1].startswith("requests: 3 of 8"))
    told = len(caplog.messages)
    assert not any(thread.name == "progress" for thread in threading.enumerate())
    assert len(caplog.messages) == told


def test_work_that_is_soon_done_is_silent(caplog):
    caplog.set_level(logging.INFO, "quintain.progress")
    with Progress("requests", 8) as work:
        work.advance(8)
    assert caplog.messages == []


def test_an_error_ends_the_telling(quick):
    with pytest.raises(ZeroDivisionError), Progress("requests", 8):
        raise ZeroDivisionError
    assert not any(thread.name == "progress" for thread in threading.enumerate())


class Screen(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_a_bar_and_lines_of_the_log_above_it(monkeypatch):
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "_BAR_SECONDS", 0.01)
    handler = logging.StreamHandler(screen)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        with Progress("requests", 8) as work:
            work.advance(3)
            assert wait_for(lambda: "requests: 3 of 8" in screen.getvalue())
            root.warning("a line")
            with Progress("inner", 2):  # the terminal is taken
                pass
    finally:
        root.removeHandler(handler)
    assert "━" in screen.getvalue()
    assert "a line" in screen.getvalue()
    assert handler.stream is screen
    assert "inner" not in screen.getvalue()


def test_paid_work_says_what_was_spent_and_what_all_will_come_to():
    money, tokens = Progress("requests", 12, cost="", done=4), Progress("requests", 8, cost=" tokens")
    assert money.line == "requests: 4 of 12"
    money.advance(2, spent=0.5)
    tokens.advance(2, spent=1500)
    # 2 of the 8 parts that were left cost 0.50, so all 8 cost 2.00
    assert money.line.startswith("requests: 6 of 12, spent 0.50 of about 2.00, ")
    assert tokens.line.startswith("requests: 2 of 8, spent 1,500 of about 6,000 tokens, ")
