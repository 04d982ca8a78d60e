"""A meeting that must fit between the bookings of a room."""

import random
from dataclasses import dataclass, replace

_OPEN, _CLOSE = 9 * 60, 18 * 60
_ROOMS = ("the green room", "the studio", "the small hall", "the library", "the attic room", "the workshop")
_PEOPLE = ("Ada", "Bruno", "Celia", "Dario", "Edith", "Goran", "Hanna", "Ivo", "Jana", "Karl")


def clock(minutes: int) -> str:
    """Minutes after midnight as a time of day.

    >>> clock(545)
    '09:05'
    """
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True)
class Schedule:
    """Bookings as (start, end) in minutes after midnight, and everything that the five fields follow from."""

    room: str
    bookings: tuple[tuple[int, int], ...]
    length: int
    person: str
    arrival: int
    longer: int
    gap: int
    early: int

    @property
    def source(self) -> str:
        """Subject of the group."""
        return f"a meeting in {self.room}"

    def facts(self) -> tuple[str, ...]:
        """Facts and questions of each level."""
        *given, late = (f"from {clock(start)} to {clock(end)}" for start, end in self.bookings)
        return (
            f"{self.room.capitalize()} is open from {clock(_OPEN)} to {clock(_CLOSE)}. It is booked "
            f"{', '.join(given[:-1])} and {given[-1]}. A meeting of {self.length} minutes is to take place there as "
            'early as possible that day. As "Start:", give the time at which it starts, as hh:mm.',
            f'There is one more booking, {late}. As "End:", give the time at which the meeting ends, as hh:mm.',
            f"{self.person} must be there for the whole meeting and cannot come before {clock(self.arrival)}. "
            f'As "Shift:", write early if the meeting starts before {clock(self.early)}, and late if it does not.',
            f'The meeting will take {self.longer} minutes longer than planned. As "Before:", give the number of '
            "bookings that are over when the meeting starts.",
            f"At least {self.gap} minutes must lie between the meeting and any booking before or after it. "
            f'As "Left:", give the number of minutes from the end of the meeting to {clock(_CLOSE)}.',
        )

    def fields(self, level: int) -> tuple[tuple[str, str], ...]:
        """Name and right value of every field that is asked for up to a level, given its facts."""
        start, end, before = self.fit(level)
        return (
            ("Start", clock(start)),
            ("End", clock(end)),
            ("Shift", "early" if start < self.early else "late"),
            ("Before", str(before)),
            ("Left", str(_CLOSE - end)),
        )[:level]

    def fit(self, level: int) -> tuple[int, int, int]:
        """Start and end of the meeting, in minutes after midnight, and how many bookings are over by then."""
        bookings = self.bookings if level >= 2 else self.bookings[:-1]
        start = self.arrival if level >= 3 else _OPEN
        length = self.length + (self.longer if level >= 4 else 0)
        gap = self.gap if level >= 5 else 0
        for booked_from, booked_to in sorted(bookings):
            if start < booked_to + gap and booked_from < start + length + gap:
                start = booked_to + gap
        return start, start + length, sum(booked_to <= start for _, booked_to in bookings)

    @property
    def fits(self) -> bool:
        """True where the meeting is over by the time the room closes, at every level."""
        return all(self.fit(level)[1] <= _CLOSE for level in range(1, 6))

    def wrong(self, name: str, right: str) -> tuple[str, ...]:
        """Values of the field that are possible and not right."""
        if name in ("Start", "End"):
            return ("10:20", "11:20")
        return ("late" if right == "early" else "early",) if name == "Shift" else (str(int(right) + 1),)


def draw_schedule(rng: random.Random) -> Schedule | None:
    """Draw a day with gaps between bookings; None when the meeting does not fit."""
    cursor, bookings = _OPEN + rng.choice((0, 0, 15)), []
    for _ in range(5):
        end = cursor + rng.choice((30, 45, 60, 75))
        bookings.append((cursor, end))
        cursor = end + rng.choice((15, 30, 45, 60, 75))
    late = rng.randrange(1, 5)
    length = rng.choice((30, 45))
    schedule = Schedule(
        room=rng.choice(_ROOMS),
        bookings=(*bookings[:late], *bookings[late + 1 :], bookings[late]),
        length=length,
        person=rng.choice(_PEOPLE),
        arrival=rng.randrange(_OPEN + 75, 14 * 60, 15),
        longer=rng.choice((15, 20, 30)),
        gap=rng.choice((5, 10, 15)),
        early=_CLOSE,
    )
    if not schedule.fits:
        return None
    start, _, _ = schedule.fit(3)
    return replace(schedule, early=start + rng.choice((0, 15)))
