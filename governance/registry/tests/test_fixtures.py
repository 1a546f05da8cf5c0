"""The estates of the fictional city hang together and name nobody who exists."""

from collections import defaultdict
from fractions import Fraction

import pytest
from django.conf import settings
from django.core.management import call_command

from governance.models import Building, Dwelling, Entrance, Estate, Ownership, Residency

pytestmark = pytest.mark.django_db


@pytest.fixture
def yunchuan(db):
    files = sorted((settings.BASE_DIR / "fixtures").glob("01[0-5][0-9]_*.json"))
    call_command("loaddata", *map(str, files), verbosity=0)


def test_every_row_is_what_its_form_accepts(yunchuan):
    for model in (Estate, Building, Entrance, Dwelling):
        assert model.objects.exists()
        for row in model.objects.all():
            row.full_clean()
    for dwelling in Dwelling.objects.select_related("building"):
        assert dwelling.area_id == dwelling.building.area_id
    for model in (Residency, Ownership):
        for tie in model.objects.select_related("dwelling"):
            tie.clean_fields(exclude=["state"])
            assert tie.area_id == tie.dwelling.area_id


def test_there_is_something_to_see_and_something_to_do(yunchuan):
    assert (Estate.objects.count(), Building.objects.count()) == (3, 6)
    assert Dwelling.objects.count() >= 50
    assert set(Dwelling.objects.values_list("use", flat=True)) == {"residential", "commercial", "parking"}
    assert Residency.objects.waiting().exists() and Ownership.objects.waiting().exists()
    assert Residency.objects.filter(user__username="resident", state="verified").exists()


def test_shares_fit_and_every_phone_is_of_no_country(yunchuan):
    taken = defaultdict(Fraction)
    for row in Ownership.objects.all():
        assert row.owner_phone == "" or row.owner_phone.startswith("+999")
        if row.state == "verified":
            taken[row.dwelling_id] += row.share
    assert max(taken.values()) == 1
    assert Ownership.objects.current().filter(share_denominator=3, is_voter=False).count() >= 3
