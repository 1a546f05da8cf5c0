from datetime import date

import pytest
import time_machine
from django.test import Client

from governance.admin.holidays import unknown_years
from governance.models import CalendarDay

pytestmark = pytest.mark.django_db


def told(user) -> list[str]:
    client = Client()
    client.force_login(user)
    lists = client.get("/admin/").context["work_lists"]
    return [row.title for found in lists if found.key == "calendar-unknown" for row in found.rows]


def test_administrators_are_told_of_a_year_without_known_holidays(city):
    # given a year far beyond the holiday library's last
    with time_machine.travel("2050-06-01T10:00:00+08:00", tick=False):
        # then the administrator is told, and nobody else
        assert told(city.user("administrator")) == ["2050"]
        assert told(city.user("dispatcher")) == []
        # until somebody enters days of that year
        CalendarDay.objects.create(area=city.city, date=date(2050, 10, 1), is_workday=False, reason="国庆节")
        assert told(city.user("administrator")) == []


def test_a_known_year_is_not_mentioned_and_the_next_one_is_in_time():
    assert unknown_years(date(2026, 6, 1)) == []
    assert unknown_years(date(2049, 12, 15)) == [2049, 2050]
