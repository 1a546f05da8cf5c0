"""Every admin page: who may open it, the live push on it, statements that do not grow with rows, Chinese refusals."""

from datetime import date, time, timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conftest import SINCE
from governance.admin.base import KernelAdmin
from governance.models import (
    Appointment,
    Area,
    Booking,
    BookingSeries,
    CalendarDay,
    CalendarFeed,
    LinkedIdentity,
    OrgUnit,
    Role,
    Timer,
    User,
    Venue,
)

OWN = [
    "venue", "booking", "bookingseries", "calendarfeed",
    "area", "orgunit", "user", "appointment", "calendarday", "event", "attachment", "timer", "heartbeat",
    "linkedidentity",
    "estate", "building", "dwelling", "residency", "ownership", "importrun",
    "notice", "noticerule", "noticetemplate", "noticechannel", "delivery",
]  # fmt: skip
ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff",
]  # fmt: skip
# Who opens the list of which kernel model; written by hand.
ALL, WATCHERS, ADMIN = set(ROLES), {"administrator", "operations_centre"}, {"administrator"}
KEEPERS = {"administrator", "community_staff"}
MAY_VIEW = {
    "venue": ALL, "booking": ALL, "bookingseries": ALL, "calendarfeed": ALL,
    "area": ALL, "orgunit": ALL, "calendarday": ALL, "user": ADMIN, "appointment": ADMIN, "event": WATCHERS,
    "heartbeat": WATCHERS, "attachment": ADMIN, "timer": ADMIN, "linkedidentity": ADMIN,
    "estate": ALL, "building": ALL, "dwelling": ALL,
    "residency": KEEPERS | {"grid_worker"}, "ownership": KEEPERS | {"grid_worker"},
    "importrun": ALL,  # everybody may book, and so import bookings
    "notice": ALL, "noticerule": ADMIN, "noticetemplate": ADMIN, "noticechannel": ADMIN, "delivery": ADMIN,
}  # fmt: skip
MAY_ADD = (
    dict.fromkeys(["area", "orgunit", "calendarday", "user", "appointment", "venue"], ADMIN)
    | dict.fromkeys(["noticerule", "noticetemplate", "noticechannel"], ADMIN)
    | dict.fromkeys(["estate", "building", "dwelling", "residency", "ownership"], KEEPERS)
    | dict.fromkeys(["booking", "bookingseries", "calendarfeed"], ALL)
    | {"importrun": MAY_VIEW["importrun"]}
)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def list_of(name) -> str:
    return reverse(f"admin:governance_{name}_changelist")


@pytest.mark.parametrize("role", ROLES)
def test_who_opens_which_list_and_form(city, role):
    client = client_of(city.user(role))
    for name in OWN:
        assert client.get(list_of(name)).status_code == (200 if role in MAY_VIEW[name] else 403), name
        add = client.get(reverse(f"admin:governance_{name}_add"))
        assert add.status_code == (200 if role in MAY_ADD.get(name, ()) else 403), name


def test_residents_and_strangers_are_sent_to_sign_in(city):
    for client in (Client(), client_of(city.user("resident"))):
        for name in OWN:
            response = client.get(list_of(name))
            assert response.status_code == 302 and "/admin/login/" in response["Location"]


def test_only_pages_of_our_own_base_are_registered():
    """Libraries' pages know neither areas nor services."""
    assert all(isinstance(page, KernelAdmin) for page in admin.site._registry.values())
    labels = {model._meta.app_label for model in admin.site._registry}
    assert not labels & {"auth", "axes", "knox", "procrastinate"}


def test_a_page_that_is_open_already_gets_only_the_rows(city):
    # given a list with a case, and what the live page asks for when something happened
    case, client = city.open(), client_of(city.user("dispatcher"))
    address = reverse("admin:cases_case_changelist")
    whole = client.get(address).content.decode()
    rows = client.get(address, headers={"X-Jiceng-Refresh": "1"}).content.decode()
    # then the rows and their count are there, and nothing of the page around them
    for text in (whole, rows):
        assert case.number in text and 'id="changelist-form"' in text and 'id="result_list"' in text
        assert "jc-paging" in text
    assert "<body" not in rows and "<nav" not in rows
    # and what the rows are sent with, for a list that was empty until now
    assert "csrfmiddlewaretoken" in rows
    # and somebody who may not open the list gets nothing this way either
    stranger = client_of(city.user("resident"))
    assert stranger.get(address, headers={"X-Jiceng-Refresh": "1"}).status_code == 302


def _opens(model_admin, request, person) -> bool:
    request.user = person
    return model_admin.has_view_permission(request)


def test_every_admin_page_carries_the_live_push(city):
    # given every list, as the administrator sees it; what is private to the community, as its staff or mediators do
    administrator, staff = city.user("administrator"), city.user("community_staff")
    mediator = User.objects.create_user("mediator", is_staff=True)
    Appointment.objects.create(
        user=mediator, unit=city.committee, role=Role.VILLAGE_MEDIATOR, area=city.community, valid_from=SINCE
    )
    people = (administrator, staff, mediator)
    case, request = city.report(), RequestFactory().get("/")
    pages = [("admin:index", [], administrator), ("admin:password_change", [], administrator),
             ("admin:app_list", ["governance"], administrator),
             ("admin:cases_case_transition", [case.pk, "note"], administrator)]  # fmt: skip
    ours = {model: found for model, found in admin.site._registry.items() if isinstance(found, KernelAdmin)}
    for model, model_admin in ours.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        viewer = next(person for person in people if _opens(model_admin, request, person))
        pages.append((f"{name}_changelist", [], viewer))
        row = model_admin.model._default_manager.first()
        if row is not None:
            pages.append((f"{name}_change", [row.pk], viewer))
    # when each is opened
    clients = {person.pk: client_of(person) for person in people}
    for name, given, viewer in pages:
        response = clients[viewer.pk].get(reverse(name, args=given))
        html = response.content.decode()
        # then it listens
        assert response.status_code == 200, name
        assert "governance/live.js" in html and "governance/admin-live.js" in html and 'id="jiceng-live"' in html, name


def test_the_sign_in_page_does_not_open_a_socket(city):
    html = Client().get(reverse("admin:login")).content.decode()
    assert "governance/live.js" not in html
    assert "登录" in html


def more_rows(city, number):
    """Make one more row of everything that a kernel list shows."""
    user = User.objects.create_user(f"p{number}", name=f"新人{number}", is_staff=True)
    unit = OrgUnit.objects.create(
        code=f"u{number}", name=f"单位{number}", kind="other", area=city.city, parent=city.urban
    )
    Appointment.objects.create(user=user, unit=unit, role="handler", area=city.city)
    Area.objects.create(kind="grid", code=f"9901020010019{number:02}", name=f"网格{number}", parent=city.community)
    CalendarDay.objects.create(area=city.city, date=date(2027, 1, 1) + timedelta(number), is_workday=False, reason="节")
    now = timezone.now()
    LinkedIdentity.objects.create(user=user, provider="wechat", subject=f"o{number}")
    Timer.objects.create(key=f"t{number}", kind="case.stage_due", subject_id=number, due_at=now, next_try_at=now)
    venue = Venue.objects.create(code=f"v{number}", name="场地", area=city.community, unit=city.committee, capacity=9)
    rows = {"venue": venue, "area": city.community, "booked_by": user, "unit": unit}
    day = date(2027, 1, 1)
    hours = {"first_day": day, "starts": time(9), "ends": time(10)}
    series = BookingSeries.objects.create(title="会", kind="weekly", weekdays=[1], count=1, **hours, **rows)
    Booking.objects.create(title="会", period=(now, now + timedelta(hours=1)), series=series, **rows)
    CalendarFeed.objects.create(owner=city.user("administrator"), kind="venue", venue=venue, token_hash=f"{number:064}")
    city.report()


@pytest.mark.parametrize("name", [name for name in OWN if name not in ("attachment", "heartbeat")])
def test_each_list_needs_the_same_statements_for_any_number_of_rows(city, name):
    def ask():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(list_of(name)).status_code == 200
        return len(caught)

    client = client_of(city.user("administrator"))
    more_rows(city, 1)
    client.get(list_of(name))
    few = ask()
    for number in range(2, 8):
        more_rows(city, number)
    assert ask() == few
    assert few <= 12


def test_lists_stop_at_the_areas_of_the_person(city):
    # given an administrator of the other street only
    client = client_of(city.outsider("administrator"))
    CalendarDay.objects.create(area=city.street, date=date(2027, 1, 1), is_workday=False, reason="汛期")
    case = city.report()
    # then people, posts, exceptions and events of elsewhere are not listed, and their pages do not exist
    posts = client.get(list_of("appointment")).context["cl"].result_list
    assert posts and all(post.area.path.startswith(city.other_street.path) for post in posts)
    people = {person.username for person in client.get(list_of("user")).context["cl"].result_list}
    assert "outside_grid_worker" in people and not people & {"administrator", "registrar", "grid_worker", "resident"}
    assert not client.get(list_of("calendarday")).context["cl"].result_list
    assert case.number not in client.get(list_of("event")).content.decode()
    for name, row in {"user": city.user("registrar"), "calendarday": CalendarDay.objects.get()}.items():
        assert client.get(reverse(f"admin:governance_{name}_change", args=[row.pk])).status_code == 404


def test_phones_are_masked_in_the_list_of_people(city):
    User.objects.filter(username="registrar").update(phone="13800001234")
    html = client_of(city.user("administrator")).get(list_of("user")).content.decode()
    assert "138****1234" in html and "13800001234" not in html


def test_nothing_can_be_deleted(city):
    client = client_of(city.user("administrator"))
    superuser = client_of(User.objects.create_superuser("root", "correct horse battery"))
    for name, row in {"area": city.grid, "orgunit": city.water, "user": city.user("handler")}.items():
        for somebody in (client, superuser):
            assert (
                somebody.post(reverse(f"admin:governance_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code
                == 403
            )
        assert type(row).objects.filter(pk=row.pk).exists()


def test_what_processes_write_is_not_changed_by_hand(city):
    city.report()
    client = client_of(User.objects.create_superuser("root", "correct horse battery"))
    for model in admin.site._registry:
        if model._meta.model_name in ("event", "attachment", "timer", "heartbeat"):
            row = model._default_manager.first()
            if row is not None:
                address = reverse(f"admin:governance_{model._meta.model_name}_change", args=[row.pk])
                assert client.post(address, {"name": "x", "key": "x"}).status_code == 403


def test_a_full_list_is_counted_only_up_to_a_cap(city, monkeypatch):
    monkeypatch.setattr("governance.admin.paging.CAP", 3)
    response = client_of(city.user("administrator")).get(list_of("area"))
    assert response.context["cl"].paginator.capped and response.context["cl"].result_count == 3


def test_pages_that_do_not_exist_or_are_refused_speak_chinese(city):
    client = client_of(city.user("handler"))
    missing = client.get("/admin/governance/area/999999/change/")
    assert missing.status_code == 404 and "<html" in missing.content.decode()
    refused = client.get(list_of("user"))
    assert refused.status_code == 403 and 'lang="zh-hans"' in refused.content.decode()


def test_five_wrong_passwords_lock_the_sign_in(city):
    # given somebody who guesses
    client = Client()
    address = reverse("admin:login")
    for _ in range(5):
        response = client.post(address, {"username": "registrar", "password": "wrong"}, REMOTE_ADDR="10.9.9.9")
    # when the fifth guess is made, then the door is shut, also for the right password, with a page that says so
    assert response.status_code == 429
    assert "jc-error" in response.content.decode()
    right = {"username": "registrar", "password": "correct horse battery"}
    assert client.post(address, right, REMOTE_ADDR="10.9.9.9").status_code == 429
    # and from elsewhere the person can still sign in, and comes to the first page
    response = Client().post(address, right, REMOTE_ADDR="10.8.8.8")
    assert (response.status_code, response["Location"]) == (302, "/admin/")
