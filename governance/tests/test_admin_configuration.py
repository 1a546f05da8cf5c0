"""Configuration changed through the admin: only in one's own area, always with an event."""

import pytest
from django.test import Client
from django.urls import reverse

from governance.configuration import configuration_save
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Area, CalendarDay, Event, OrgUnit, User

PASSWORD = "another good phrase 7"


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def changes() -> list[Event]:
    return list(Event.objects.filter(name="config.changed").order_by("id"))


def test_a_changed_unit_is_saved_with_an_event_that_names_the_fields_only(city):
    client = client_of(city.user("administrator"))
    address = reverse("admin:governance_orgunit_change", args=[city.water.pk])
    data = {
        "name": "水务局",
        "short_name": "水务",
        "kind": "department",
        "area": city.city.pk,
        "phone": "88001",
        "is_active": "on",
    }
    assert client.post(address, data).status_code == 302
    city.water.refresh_from_db()
    assert city.water.name == "水务局"
    event = changes()[0]
    assert event.payload == {
        "model": "governance.orgunit", "pk": city.water.pk, "fields": ["name", "phone", "short_name"], "added": False,
    }  # fmt: skip
    assert (event.actor, event.role, event.subject_id) == (city.user("administrator"), "administrator", city.water.pk)
    assert "水务" not in str(event.payload)
    # and the history of the unit shows it
    history = client.get(reverse("admin:governance_orgunit_history", args=[city.water.pk])).content.decode()
    assert "short_name" in history


def test_an_administrator_changes_only_what_lies_in_the_own_area(city):
    # given an administrator of the other street
    client = client_of(city.outsider("administrator"))
    own = reverse("admin:governance_orgunit_change", args=[city.other_committee.pk])
    elsewhere = reverse("admin:governance_orgunit_change", args=[city.committee.pk])
    data = {"name": "改名", "short_name": "", "kind": "community_committee", "is_active": "on"}
    # when a unit of the other street is renamed, then it is done
    assert client.post(own, data | {"area": city.other_community.pk}).status_code == 302
    # when one of elsewhere is renamed or drawn over, or the own one pushed out, then nothing has changed
    assert client.post(elsewhere, data | {"area": city.community.pk}).status_code == 403
    assert client.post(elsewhere, data | {"area": city.other_community.pk}).status_code == 403
    assert client.post(own, data | {"name": "搬走", "area": city.community.pk}).status_code == 403
    assert OrgUnit.objects.get(pk=city.committee.pk).name == "committee单位"
    assert OrgUnit.objects.get(pk=city.other_committee.pk).area == city.other_community
    assert len(changes()) == 1


def test_new_rows_outside_the_own_area_are_refused(city):
    client = client_of(city.outsider("administrator"))
    before = OrgUnit.objects.count(), CalendarDay.objects.count(), Area.objects.count()
    tries = {
        "governance_orgunit": {"name": "新", "code": "new", "kind": "other", "area": city.city.pk},
        "governance_calendarday": {"area": city.street.pk, "date": "2027-01-01", "reason": "汛期"},
        "governance_area": {"name": "新网格", "kind": "grid", "code": "990102001001009", "parent": city.community.pk},
    }
    for name, data in tries.items():
        response = client.post(reverse(f"admin:{name}_add"), data)
        assert response.status_code == 403, name
        assert "jc-refused" in response.content.decode()
    after = OrgUnit.objects.count(), CalendarDay.objects.count(), Area.objects.count()
    assert after == before and changes() == []


def test_a_new_grid_gets_its_place_in_the_tree(city):
    boundary = '{"type":"Polygon","coordinates":[[[112.92,28.2],[112.925,28.2],[112.925,28.205],[112.92,28.2]]]}'
    data = {"name": "新网格", "kind": "grid", "code": "990102002001009", "is_active": "on", "boundary": boundary}
    response = client_of(city.outsider("administrator")).post(
        reverse("admin:governance_area_add"), data | {"parent": city.other_community.pk}
    )
    assert response.status_code == 302
    area = Area.objects.get(code="990102002001009")
    assert area.path.startswith(city.other_community.path) and area.west == 112.92
    assert changes()[0].payload["added"] is True


@pytest.mark.parametrize(
    "boundary", ['{"type":"Point","coordinates":[1,2]}', "[1", '{"type":"Polygon","coordinates":"x"}']
)
def test_a_boundary_that_is_none_comes_back_with_the_form(city, boundary):
    address = reverse("admin:governance_area_change", args=[city.grid.pk])
    response = client_of(city.user("administrator")).post(address, {"name": "坏", "boundary": boundary})
    assert response.status_code == 200 and response.context["errors"]
    assert Area.objects.get(pk=city.grid.pk).name != "坏" and changes() == []


def test_the_same_code_twice_is_told(city):
    data = {"name": "又一个", "code": "water", "kind": "other", "area": city.city.pk}
    response = client_of(city.user("administrator")).post(reverse("admin:governance_orgunit_add"), data)
    assert response.status_code == 200 and response.context["errors"]
    assert OrgUnit.objects.filter(code="water").count() == 1


def appoint(client, user, role, unit, area):
    data = {"user": user.pk, "role": role, "unit": unit.pk, "area": area.pk, "valid_from": "2026-01-01"}
    return client.post(reverse("admin:governance_appointment_add"), data)


def test_nobody_appoints_beyond_the_own_area(city):
    client = client_of(city.outsider("administrator"))
    newcomer = User.objects.create_user("newcomer", name="新人", is_staff=True)
    before = Appointment.objects.count()
    # when the post is in the own street, then it is given
    assert appoint(client, newcomer, "grid_worker", city.other_committee, city.other_grid).status_code == 302
    # when area or unit lie elsewhere, or the holder is a process, then not
    assert appoint(client, newcomer, "administrator", city.centre, city.city).status_code == 403
    assert appoint(client, newcomer, "handler", city.municipal, city.other_street).status_code == 403
    assert appoint(client, newcomer, "grid_worker", city.other_committee, city.grid).status_code == 403
    robot = User.objects.system("devices")
    assert appoint(client, robot, "administrator", city.other_committee, city.other_street).status_code in (200, 403)
    assert Appointment.objects.count() == before + 1 and len(changes()) == 1


def test_a_new_account_signs_in_with_its_first_password(city):
    data = {"username": "new.clerk", "name": "新人", "is_staff": "on", "password1": PASSWORD, "password2": PASSWORD}
    response = client_of(city.user("administrator")).post(reverse("admin:governance_user_add"), data)
    assert response.status_code == 302
    user = User.objects.get(username="new.clerk")
    assert user.check_password(PASSWORD) and not user.is_superuser
    assert PASSWORD not in str(changes()[0].payload)


@pytest.mark.parametrize(
    ("first", "second"), [("short", "short"), (PASSWORD, "other"), ("1234567890", "1234567890"), ("", "")]
)
def test_a_bad_first_password_makes_no_account(city, first, second):
    data = {"username": "new.clerk", "name": "新人", "password1": first, "password2": second}
    response = client_of(city.user("administrator")).post(reverse("admin:governance_user_add"), data)
    assert response.status_code == 200
    assert not User.objects.filter(username="new.clerk").exists() and changes() == []


def test_superusers_are_made_and_touched_by_superusers_only(city):
    # given an administrator of the whole city who is no superuser, and a superuser
    root = User.objects.create_superuser("root", PASSWORD)
    client = client_of(city.user("administrator"))
    clerk = city.user("registrar")
    # when the flag is forged into the form, then it is not taken
    data = {"username": clerk.username, "name": "新名", "is_staff": "on", "is_active": "on", "is_superuser": "on"}
    client.post(reverse("admin:governance_user_change", args=[clerk.pk]), data)
    clerk.refresh_from_db()
    assert clerk.name == "新名" and not clerk.is_superuser
    # when the superuser's password is set, then it is refused
    new = {"password1": "taken over 123", "password2": "taken over 123"}
    assert client.post(reverse("admin:governance_user_password", args=[root.pk]), new).status_code == 403
    root.refresh_from_db()
    assert root.check_password(PASSWORD)
    # when a superuser gives the flag, then it is given
    client_of(root).post(reverse("admin:governance_user_change", args=[clerk.pk]), data)
    clerk.refresh_from_db()
    assert clerk.is_superuser


def test_a_password_is_set_only_inside_the_own_area_and_ends_open_sessions(city):
    street = client_of(city.outsider("administrator"))
    new = {"password1": "fresh words 2026", "password2": "fresh words 2026"}
    # when the street's administrator sets that of somebody of the whole city, then there is no such person
    for somebody in (city.user("registrar"), city.user("resident"), city.user("administrator")):
        assert street.post(reverse("admin:governance_user_password", args=[somebody.pk]), new).status_code == 404
        somebody.refresh_from_db()
        assert somebody.check_password("correct horse battery")
    # when that of the own grid worker, then the old session ends
    worker = city.outsider("grid_worker")
    session = client_of(worker)
    assert session.get("/admin/").status_code == 200
    assert street.post(reverse("admin:governance_user_password", args=[worker.pk]), new).status_code == 302
    worker.refresh_from_db()
    assert worker.check_password("fresh words 2026") and session.get("/admin/").status_code == 302
    assert [event.payload["fields"] for event in changes()] == [["password"]]


def test_the_service_itself_refuses_whoever_calls_it(city):
    unit = city.water
    unit.name = "改"
    for actor in (city.user("dispatcher"), city.user("resident"), city.outsider("administrator")):
        with pytest.raises(NotPermitted):
            configuration_save(unit, actor=actor, changed=["name"])
    moved = Area.objects.get(pk=city.other_grid.pk)
    moved.parent = city.community
    with pytest.raises(NotPermitted):
        configuration_save(moved, actor=city.outsider("administrator"), changed=["parent"])
    with pytest.raises(Invalid):
        configuration_save(
            OrgUnit(code="x", name="", kind="other", area=city.city), actor=city.user("administrator"), changed=["name"]
        )
    with pytest.raises((Conflict, Invalid)):
        configuration_save(
            OrgUnit(code="water", name="重复", kind="other", area=city.city),
            actor=city.user("administrator"),
            changed=["name"],
        )
    assert changes() == [] and OrgUnit.objects.get(pk=unit.pk).name == "water单位"


def test_a_new_appointment_starts_without_a_role(city):
    client = Client()
    client.force_login(city.user("administrator"))
    form = client.get(reverse("admin:governance_appointment_add")).context["adminform"].form
    assert next(iter(form.fields["role"].choices))[0] == ""
