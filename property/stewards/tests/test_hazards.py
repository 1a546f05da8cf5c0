"""A dispute that a steward saw reaches the mediators as a hazard, once and whole or not at all."""

from datetime import timedelta

import pytest

from cases.tests.api import client_of
from conftest import SINCE
from governance.attachments import read_uploads
from governance.errors import Invalid
from governance.models import Appointment, Event, OrgUnit, Timer, User
from governance.tests.test_attachments import photo
from governance.workflow import act
from mediation.models import DisputeType, Hazard
from property.models import DisputeSighting
from property.stewards.sightings import sighting_report, sighting_take, timer_key
from property.stewards.tests.teams import NOON

pytestmark = pytest.mark.django_db


def test_a_sighting_is_handed_over_as_a_hazard(stewards):
    neighbours = DisputeType.objects.create(code="neighbours", name="邻里纠纷")
    # when a volunteer, who has an account only, hands over a quarrel that cannot wait
    seen = sighting_report(
        actor=stewards.volunteer, team=stewards.team, kind="noise", words="楼上装修争吵，要动手", urgency="urgent",
        building=stewards.place.buildings[0], place="三楼楼道", at=NOON,
    )  # fmt: skip
    # then the mediators have a hazard of the same place, with its kind and urgency
    found = Hazard.objects.get()
    assert (found.state, found.source, found.urgency, found.type) == ("reported", "steward", "urgent", neighbours)
    assert (found.area, found.words, found.reporter) == (seen.area, seen.words, stewards.volunteer)
    assert (found.origin_type, found.origin_id) == ("property.disputesighting", seen.pk)
    assert "三楼楼道" in found.place and found.assess_by == NOON + timedelta(hours=1)
    # and no words stand in the history
    assert "装修" not in str(list(Event.objects.values_list("payload", flat=True)))
    # and the answer of the community leaves it to the mediators
    sighting_take(seen, actor=stewards.city.user("community_staff"), occurred_at=NOON)
    assert Hazard.objects.get().state == "reported"
    assert list(Hazard.objects.visible_to(stewards.volunteer)) == [found]


@pytest.mark.parametrize("answered", [False, True])
def test_a_mediator_who_looked_at_it_has_answered_the_sighting(stewards, answered):
    # given an urgent sighting, which the community's staff have answered or not
    staff, kind = stewards.city.user("community_staff"), DisputeType.objects.create(code="neighbours", name="邻里纠纷")
    seen = sighting_report(actor=stewards.volunteer, team=stewards.team, kind="noise", words="楼上装修争吵",
                           urgency="urgent", at=NOON)  # fmt: skip
    if answered:
        sighting_take(seen, actor=staff, occurred_at=NOON)
    mediator = User.objects.create(username="med", name="调解员", is_staff=True)
    unit = OrgUnit.objects.create(code="mc", name="调委会", kind="mediation_committee", area=stewards.team.area)
    Appointment.objects.create(user=mediator, unit=unit, role="village_mediator", area=unit.area, valid_from=SINCE)
    # when the mediator assesses the hazard
    act(Hazard.objects.get(), "assess", actor=mediator, type=kind, occurred_at=NOON + timedelta(minutes=20))
    # then it waits for no answer, by whoever was first, and nobody is reminded
    seen.refresh_from_db()
    assert (seen.state, seen.answered_by) == ("taken", staff if answered else mediator)
    told = list(
        Event.objects.filter(subject_type="property.disputesighting").order_by("id").values_list("name", flat=True)
    )
    assert told[1:] == ["sighting.taken" if answered else "sighting.taken_by_mediation"]
    assert not Timer.objects.filter(key=timer_key(seen), fired_at=None, cancelled_at=None).exists()
    # and the mediator may do no more with it than before
    assert not DisputeSighting.objects.visible_to(mediator).exists()


def test_what_is_refused_leaves_no_hazard(stewards):
    with pytest.raises(Invalid):
        sighting_report(actor=stewards.volunteer, team=stewards.team, kind="noise", words=" ", at=NOON)
    assert not Hazard.objects.exists() and not DisputeSighting.objects.exists()


def test_the_mediator_reads_that_it_is_urgent_who_handed_it_over_and_that_there_are_photos(stewards):
    # given an urgent sighting with a photo, and one without
    mediator = User.objects.create(username="med", name="调解员", is_staff=True)
    unit = OrgUnit.objects.create(code="mc", name="调委会", kind="mediation_committee", area=stewards.team.area)
    Appointment.objects.create(user=mediator, unit=unit, role="village_mediator", area=unit.area, valid_from=SINCE)
    given = {"actor": stewards.volunteer, "team": stewards.team, "kind": "noise", "at": NOON}
    seen = sighting_report(**given, words="已经动手推搡", urgency="urgent", photos=read_uploads([photo()]))
    sighting_report(**given, words="楼道堆物争吵")
    urgent, other = Hazard.objects.order_by("pk")
    client = client_of(mediator)
    # when the mediator opens them on the phone and at the desk
    page, desk = (client.get(address.format(urgent.pk)).content.decode()
                  for address in ("/m/hazards/{}/", "/admin/mediation/hazard/{}/change/"))  # fmt: skip
    # then the phone says what the desk says, and both that a photo stays with the sighting, which it does
    assert urgent.get_urgency_display() in page and urgent.get_source_display() in page
    assert all("1 张照片" in text and stewards.volunteer.name in text for text in (page, desk))
    assert "/file" not in page.partition('id="elsewhere"')[2].partition("</p>")[0]
    plain = client.get(f"/m/hazards/{other.pk}/").content.decode()
    assert urgent.get_urgency_display() not in plain and 'id="elsewhere"' not in plain
    assert urgent.get_urgency_display() in client.get("/m/hazards/").content.decode()
    # and who only reported it reads neither
    own = client_of(stewards.volunteer).get(f"/m/hazards/{urgent.pk}/")
    assert own.status_code in (302, 403) or 'id="elsewhere"' not in own.content.decode()
    # and the number of a sighting is none of a dispute
    assert seen.number == f"GJ{seen.pk:05d}"
