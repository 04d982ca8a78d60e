"""A book on loan: dates, weekdays, closed days, days late."""

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from quintain.packs.worlds.shop import DAYS

_LIBRARIES = ("the town library", "the school library", "the museum library", "the reading room", "the mobile library")
_PEOPLE = ("Ada", "Bruno", "Celia", "Dario", "Edith", "Goran", "Hanna", "Ivo", "Jana", "Karl")


def _say(date: datetime.date) -> str:
    # Not strftime: the name of the month would follow the machine's language.
    months = "January February March April May June July August September October November December"
    return f"{date.day} {months.split()[date.month - 1]}"


@dataclass(frozen=True)
class Loan:
    """One loan, with everything that the five fields follow from."""

    library: str
    person: str
    lent: datetime.date
    days: int
    renewed: int
    ill: int
    back: datetime.date
    rate: int
    closed: tuple[tuple[datetime.date, datetime.date], ...]
    """First and last day of the two stretches of closed days that levels 3 and 5 tell of."""

    @property
    def source(self) -> str:
        """Subject of the group."""
        return f"a loan from {self.library}"

    def facts(self) -> tuple[str, ...]:
        """Facts and questions of each level."""
        holidays, works = (f"{_say(first)} to {_say(last)}" for first, last in self.closed)
        return (
            f"On {DAYS[self.lent.weekday()]}, {_say(self.lent)}, {self.library} lends {self.person} a book for "
            f'{self.days} days, so that it is due {self.days} days after that date. As "Due:", give the date on which '
            "it is due, in the form 5 May.",
            f"Before that date the loan is made {self.renewed} days longer. "
            'As "Weekday:", give the weekday of the date on which the book is due.',
            f"The library is closed on Sundays, and from {holidays} as well; a book that would be due on a closed day "
            'is due on the next open day. As "Moved:", give the number of days by which this moves the date.',
            f"Because of an illness the loan is made another {self.ill} days longer; closed days move the date only "
            f'after that. The book comes back on {_say(self.back)}. As "Late:", give the number of days it is late.',
            f"From {works} the library is closed, too, because of works. For every day late {self.person} pays "
            f'{self.rate} coins. As "Fee:", give what is to be paid, in coins.',
        )

    def fields(self, level: int) -> tuple[tuple[str, str], ...]:
        """Name and right value of every field that is asked for up to a level, given its facts."""
        first = self.lent + datetime.timedelta(
            self.days + (self.renewed if level >= 2 else 0) + (self.ill if level >= 4 else 0)
        )
        due = next(date for date in _from(first) if self._open(date, level))
        late = (self.back - due).days
        return (
            ("Due", _say(due)),
            ("Weekday", DAYS[due.weekday()]),
            ("Moved", str((due - first).days)),
            ("Late", str(late)),
            ("Fee", str(late * self.rate)),
        )[:level]

    def _open(self, date: datetime.date, level: int) -> bool:
        closed = self.closed[: (0, 0, 0, 1, 1, 2)[level]]
        return level < 3 or not (date.weekday() == 6 or any(first <= date <= last for first, last in closed))

    def wrong(self, name: str, right: str) -> tuple[str, ...]:
        """Values of the field that are possible and not right."""
        if name == "Due":
            return (_say(self.lent),)
        return tuple(day for day in DAYS if day != right) if name == "Weekday" else (str(int(right) + 1),)


def _from(first: datetime.date) -> Iterator[datetime.date]:
    return (first + datetime.timedelta(days) for days in count())


def draw_loan(rng: random.Random) -> Loan:
    """Draw the days so that closed days matter at levels 3 and 5, and the book comes back late."""
    lent = datetime.date(2027, 1, 4) + datetime.timedelta(rng.randrange(270))
    days, renewed, ill = rng.randint(8, 24), rng.randint(3, 12), rng.randint(6, 12)
    due = [lent + datetime.timedelta(days + renewed), lent + datetime.timedelta(days + renewed + ill)]
    closed = []
    for date in due:
        first = date - datetime.timedelta(rng.randint(0, 2))
        closed.append((first, date + datetime.timedelta(rng.randint(0, 3))))
    return Loan(
        library=rng.choice(_LIBRARIES),
        person=rng.choice(_PEOPLE),
        lent=lent,
        days=days,
        renewed=renewed,
        ill=ill,
        back=due[1] + datetime.timedelta(rng.randint(6, 13)),
        rate=rng.randint(2, 5),
        closed=tuple(closed),
    )
