"""The timeline of a search: bars of years, months or days, each of which is an address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from cablesearch.results.citations import spoken_day
from cablesearch.results.facets import Count

__all__ = ["Bar", "Chart", "Tick", "chart", "unit_of"]

_MOST_BARS = 60
_LONGEST_BY_MONTH = 36
"""The most months that are shown one by one."""
_LONGEST_BY_DAY = 2
"""The most months whose days are shown one by one."""
_HEIGHT = 56
"""The height of the highest bar in pixels."""
_LEAST_SHARE_OF_TICK = 12
"""The least distance of two ticks, in percent of the width."""
_LAST_TICK = 95
"""From which place on, in percent of the width, a tick has no room for half of its name on its right."""
_GAP = 0.16
"""The share of the room of a bar that is left free."""
_MOST_WIDE = 12
"""The most bars that are wider than their names."""
_MONTHS = 12


class Bar(NamedTuple):
    """A bar of a timeline. Places are in percent of the width, heights in pixels.

    Attributes:
        name: the period for people.
        since, until: its first and last year, month or day, as a search takes them.
        number: the number of results.
        left, width, top, height: the bar.
        room, room_width: the room of the bar, which is as high as the timeline.
        address: the search for the period.
    """

    name: str
    since: str
    until: str
    number: int
    left: str
    width: str
    top: str
    height: str
    room: str
    room_width: str
    address: str


class Tick(NamedTuple):
    """A name below the bars, with its place in percent and how it is anchored there."""

    name: str
    place: str
    anchor: str


class Chart(NamedTuple):
    """A timeline.

    Attributes:
        bars: the bars, from the first to the last period with a result.
        ticks: names of periods.
        unit: what a bar is: ``year``, ``month``, ``day`` or ``5 years``.
        most: the largest number.
        height: the height in pixels.
    """

    bars: list[Bar]
    ticks: list[Tick]
    unit: str
    most: int
    height: int


def unit_of(months: Sequence[Count]) -> str:
    """Return by what results are counted for a timeline: ``year``, ``month`` or ``day``."""
    if not months:
        return "year"
    length = _month(months[-1][0]) - _month(months[0][0]) + 1
    return "day" if length <= _LONGEST_BY_DAY else "month" if length <= _LONGEST_BY_MONTH else "year"


def _month(name: str) -> int:
    year, month = name.split("-")[-2:]
    return int(year) * _MONTHS + int(month) - 1


def chart(
    counts: Sequence[Count], unit: str, address: Callable[[str, str], str], height: int = _HEIGHT
) -> Chart | None:
    """Return the timeline of results; None if they are all in one period.

    Args:
        counts: the numbers of results in months, or in the units themselves, in the order of time.
        unit: ``year``, ``month`` or ``day``.
        address: the address of the search for a period, by its first and its last unit.
        height: the height of the highest bar in pixels.
    """
    numbers = _numbers(counts, unit)
    if len(numbers) < 2:
        return None
    first, last = min(numbers), max(numbers)
    step = -(-(last - first + 1) // _MOST_BARS) if unit != "day" else 1
    starts = range(first - first % step, last + 1, step)
    totals = [sum(numbers.get(start + place, 0) for place in range(step)) for start in starts]
    most, room = max(totals), 100 / len(starts)
    bars = []
    for place, (start, total) in enumerate(zip(starts, totals, strict=True)):
        since, until = _written(start, unit), _written(start + step - 1, unit)
        name = _name(start, unit) if step == 1 else f"{since} to {until}"
        tall = max(2.0, height * total / most) if total else 0.0
        bars.append(
            Bar(
                name,
                since,
                until,
                total,
                _percent((place + _GAP / 2) * room),
                _percent(room * (1 - _GAP)),
                f"{height - tall:.1f}",
                f"{tall:.1f}",
                _percent(place * room),
                _percent(room),
                address(since, until),
            )
        )
    return Chart(bars, _ticks(starts, unit), unit if step == 1 else f"{step} {unit}s", most, height)


def _numbers(counts: Sequence[Count], unit: str) -> Mapping[int, int]:
    numbers: dict[int, int] = {}
    for name, count in counts:
        number = _number(name, unit)
        numbers[number] = numbers.get(number, 0) + count
    return numbers


def _number(name: str, unit: str) -> int:
    """Return the number of the unit in which a month or a day is."""
    if unit == "day":
        return dt.date.fromisoformat(name).toordinal()
    return int(name.split("-", maxsplit=1)[0]) if unit == "year" else _month(name)


def _written(number: int, unit: str) -> str:
    """Return a period as a search takes it."""
    if unit == "day":
        return dt.date.fromordinal(number).isoformat()
    return f"{number:04}" if unit == "year" else f"{number // _MONTHS:04}-{number % _MONTHS + 1:02}"


def _name(number: int, unit: str) -> str:
    """Return a period as people write it."""
    if unit == "year":
        return str(number)
    words = spoken_day(_first_day(number, unit))
    return words if unit == "day" else words.partition(" ")[2]


def _first_day(number: int, unit: str) -> dt.datetime:
    day = dt.date.fromordinal(number) if unit == "day" else dt.date(number // _MONTHS, number % _MONTHS + 1, 1)
    return dt.datetime(day.year, day.month, day.day)


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _ticks(starts: range, unit: str) -> list[Tick]:
    """Return as many names of periods as there is room for; those of months begin with a year."""
    count = len(starts)
    least = max(1, -(-count * _LEAST_SHARE_OF_TICK // 100))
    if unit == "month":
        # Quarters, half years and years are read more easily.
        least = next((step for step in (1, 3, 6, 12) if step >= least), least)
    ticks: list[Tick] = []
    for place, start in enumerate(starts):
        if (start if unit == "month" else place) % least == 0:
            middle = (place + 0.5) * 100 / count
            anchor = "middle"
            if count > _MOST_WIDE:
                # The first and the last name would stand out beside narrow bars.
                anchor = "start" if place == 0 else "end" if middle > _LAST_TICK else "middle"
            at = {"start": place, "middle": place + 0.5, "end": place + 1}[anchor] * 100 / count
            ticks.append(Tick(_short(start, unit), _percent(at), anchor))
    return ticks


def _short(number: int, unit: str) -> str:
    name = _name(number, unit)
    if unit == "month":
        month, year = name.split(" ")
        return f"{month[:3]} {year}"
    return " ".join(part[:3] for part in name.split(" ")[:2]) if unit == "day" else name
