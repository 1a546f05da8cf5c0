"""Standards, categories and role texts changed through the admin."""

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import FilingStandard, StageLimit, UnitAlias
from governance.models import Event


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def changes() -> list[Event]:
    return list(Event.objects.filter(name="config.changed").order_by("id"))


def test_units_of_a_standard_change_with_one_event(city):
    client = client_of(city.user("administrator"))
    address = reverse("admin:cases_filingstandard_change", args=[city.standard.pk])
    rows = list(city.standard.units.order_by("position"))
    data = {"condition": "井盖倾斜", "limit_amount": "2", "limit_unit": "urgent_hour", "is_active": "on",
            "inspection_share": "1",
            "units-TOTAL_FORMS": "3", "units-INITIAL_FORMS": "3"}  # fmt: skip
    for place, row in enumerate(rows):
        data |= {f"units-{place}-{name}": value for name, value in {
            "id": row.pk, "standard": city.standard.pk, "part": row.part, "unit": row.unit_id, "position": place,
        }.items()}  # fmt: skip
    data |= {"units-0-unit": city.water.pk, "units-1-DELETE": "on"}
    assert client.post(address, data).status_code == 302
    assert [(row.part, row.unit.code) for row in city.standard.units.all()] == [
        ("lead", "water"),
        ("supervising", "urban"),
    ]
    assert ["units"] in [event.payload["fields"] for event in changes()]
    # and whoever is not of the whole city changes no standard
    assert client_of(city.outsider("administrator")).post(address, data).status_code == 403
    assert client_of(city.user("dispatcher")).post(address, data | {"condition": "x"}).status_code == 403
    assert FilingStandard.objects.get(pk=city.standard.pk).condition == "井盖倾斜"


def test_a_role_text_is_given_a_unit_only_in_the_own_area(city):
    client = client_of(city.outsider("administrator"))
    data = {"role_name": "物业", "unit": city.water.pk}
    address = reverse("admin:cases_unitalias_add")
    assert client.post(address, data | {"area": city.street.pk}).status_code == 403
    assert not UnitAlias.objects.filter(role_name="物业").exists() and changes() == []
    assert client.post(address, data | {"area": city.other_street.pk}).status_code == 302
    assert UnitAlias.objects.get(role_name="物业").area == city.other_street


@pytest.mark.parametrize("role", ["registrar", "dispatcher", "handler", "operations_centre"])
def test_rules_are_read_by_staff_and_changed_by_administrators(city, role):
    limit = StageLimit.objects.get(stage="dispatch")
    client = client_of(city.user(role))
    for name in ("casecategory", "filingstandard"):
        assert client.get(reverse(f"admin:cases_{name}_changelist")).status_code == 200, name
        assert client.get(reverse(f"admin:cases_{name}_add")).status_code == 403, name
    changed = {"limit_amount": "9", "limit_unit": "work_day", "warn_at": "0.5", "escalate_hours": "0"}
    address = reverse("admin:cases_stagelimit_change", args=[limit.pk])
    assert client.post(address, changed).status_code == 403
    limit.refresh_from_db()
    assert limit.limit_amount == 2 and changes() == []
    assert client_of(city.user("administrator")).post(address, changed).status_code == 302
    limit.refresh_from_db()
    assert limit.limit_amount == 9
