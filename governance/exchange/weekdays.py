"""Days of the week as people write them in a cell."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from governance.exchange.cells import BETWEEN, labelled
from governance.models.venue import Weekday

# 星期一 is also written 周一 or 一; 1 to 7 count from Monday, as ISO 8601 does.
CHINESE_DAYS = "一二三四五六日"
TO = ("至", "到", "-", "–", "~")
EVERY_DAY = ("每天", "每日", "daily", "every day")


def weekdays_in(text: str) -> list[int]:
    """Return the days of the week a cell lists, in order, each once. Raises ValueError."""
    if text.strip().casefold() in EVERY_DAY:
        return Weekday.values
    found: set[int] = set()
    for part in filter(None, BETWEEN.split(text)):
        found.update(_days_of(part))
    return sorted(found)


def shown_days(days: Iterable[int]) -> str:
    """Return days of the week as a cell lists them."""
    return "、".join(str(Weekday(day).label) for day in sorted(days))


def _days_of(part: str) -> Iterable[int]:
    """Return the days of one part of the list: a day, or from one to another (over Sunday where it must)."""
    for between in TO:
        first, found, last = part.partition(between)
        if found:
            begin, end = _weekday(first), _weekday(last)
            return [(begin + number) % 7 for number in range((end - begin) % 7 + 1)]
    return [_weekday(part)]


def _weekday(word: str) -> int:
    word = word.strip()
    short = word.removeprefix("星期").removeprefix("周").replace("天", "日")
    known = labelled([(value, label) for value, label in Weekday.choices])
    by_name = {name: day for name, day in known.items() if not name.isdecimal()}
    by_name |= {name: day for day, name in enumerate(CHINESE_DAYS)}
    by_name |= {str(day + 1): day for day in Weekday.values}
    day = by_name.get(short.casefold(), by_name.get(word.casefold()))
    if day is None:
        raise ValueError(_("“%(word)s” is no day of the week: write 周一 to 周日, or 1 to 7 from Monday.")
                         % {"word": word})  # fmt: skip
    return day
