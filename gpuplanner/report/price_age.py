"""How old a price is; the surface knows the day, the engine doesn't."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from gpuplanner.texts import language

STALE: Final = timedelta(days=180)


def last_day(stated: str) -> date | None:
    """The last day that a stated date ("2026", "2026-04", "2026-04-30") may mean; None when it is none."""
    parts = stated.split("-")
    try:
        numbers = [int(part) for part in parts[:3]]
        if len(numbers) == 3:
            return date(*numbers)
        year, month = (numbers[0], numbers[1]) if len(numbers) == 2 else (numbers[0], 12)
        if not 1 <= month <= 12:
            return None
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    except (ValueError, IndexError, OverflowError):
        return None


def is_stale(stated: str, today: date) -> bool:
    """Whether a price is older than 180 days; one without a date is."""
    day = last_day(stated)
    return day is None or today - day > STALE


def month_text(stated: str) -> str:
    """A stated date as month and year: "Apr 2026", "2026-04" in Chinese; a year alone stays one."""
    parts = stated.split("-")
    day = last_day(stated)
    if day is None or len(parts) == 1:
        return stated
    if language() == "zh":
        return f"{day.year}-{day.month:02}"
    return f"{_MONTHS[day.month - 1]} {day.year}"


_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
