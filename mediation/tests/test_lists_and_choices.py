"""What a tile of the first page counts, its list shows; choices offer what fits."""

import re

import pytest
from django.urls import reverse

from cases.tests.api import client_of
from governance.models import OrgUnit, UnitKind, User
from mediation.admin.disputes_work import disputes_work
from mediation.disputes.police import police_units
from mediation.disputes.work_forms import PoliceForm
from mediation.joint.making_forms import TrackForm
from mediation.models import Dispute, TrackKind

pytestmark = pytest.mark.django_db


def shown(client, url: str) -> set[int]:
    page = client.get(url).content.decode()
    return {int(pk) for pk in re.findall(r"/admin/mediation/dispute/(\d+)/change/", page)}


def test_the_list_behind_a_tile_shows_what_the_tile_counts(county):
    # given disputes of the own unit in several states of the same tile, and one that the township has taken over
    for state in ("registered", "awaiting_consent", "accepted", "mediating", "reopened"):
        county.in_state(state)
    away = county.mediating()
    Dispute.objects.filter(pk=away.pk).update(tier="complex", unit=county.unit("medcentre"),
                                               mediator=county.people["township_mediator"])  # fmt: skip
    Dispute.objects.filter(state__in=["mediating", "accepted"]).update(term_until="2026-05-01")
    client = client_of(county.mediator)
    # then each tile's list is the tile
    tiles = {tile.key: tile for tile in disputes_work(county.mediator)}
    assert {"disputes-new", "disputes-running", "disputes-over"} <= set(tiles)
    for key in ("disputes-new", "disputes-running", "disputes-over"):
        tile = tiles[key]
        expected = {int(row.url.rstrip("/").split("/")[-2]) for row in tile.rows}
        assert expected and shown(client, tile.url) == expected, key
        assert away.pk not in expected
    assert away.pk in shown(client, reverse("admin:mediation_dispute_changelist"))


def test_the_police_report_offers_the_police(county):
    # given a shop, a bank and departments beside the police
    dispute, area = county.mediating(), county.area("district")
    OrgUnit.objects.create(code="shop", name="粮油便利店", kind=UnitKind.MERCHANT, area=area)
    OrgUnit.objects.create(code="bank", name="农商银行", kind=UnitKind.OTHER, area=area)
    OrgUnit.objects.filter(code="police").update(name="区公安分局")
    codes = [unit.code for unit in PoliceForm(dispute=dispute).fields["unit"].queryset]
    # then it stands first, before the other departments
    assert codes[0] == "police" and len(codes) > 1 and not {"shop", "bank"} & set(codes)
    # and is there whatever it is called
    OrgUnit.objects.filter(code="police").update(name="某分局")
    codes = {unit.code for unit in police_units(dispute)}
    assert "police" in codes and not codes & {"shop", "bank"}


def test_organs_stand_under_the_track_they_fit(county):
    dispute = county.mediating()
    form = TrackForm(user=county.mediator, initial={"dispute": dispute.number})
    groups = dict(form.fields["organ"].choices[1:])
    (judicial,) = [
        [code for code, _name in units] for label, units in groups.items() if label == TrackKind.JUDICIAL.label
    ]
    assert judicial == ["court"]
    assert all("court" not in dict(units) for label, units in groups.items() if label != TrackKind.JUDICIAL.label)
    # and one of another track is not taken
    given = {"dispute": dispute.number, "kind": "administrative", "organ": "court", "briefing": "请协助"}
    assert list(TrackForm(given, user=county.mediator).errors) == ["organ"]
    assert not TrackForm(given | {"kind": "judicial"}, user=county.mediator).errors
    # and no number of another dispute stands under the one that is filled in
    assert form.fields["dispute"].help_text == "" and "D000012" in str(
        TrackForm(user=county.mediator).fields["dispute"].help_text
    )


def test_the_watch_of_early_warnings_has_a_name():
    assert str(User.objects.system("early-warning")) == "预警监测"
