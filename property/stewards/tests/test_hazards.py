"""A dispute that a steward saw reaches the mediators as a hazard, once and whole or not at all."""

from datetime import timedelta

import pytest

from governance.errors import Invalid
from governance.models import Event
from mediation.models import DisputeType, Hazard
from property.models import DisputeSighting
from property.stewards.sightings import sighting_report, sighting_take
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


def test_what_is_refused_leaves_no_hazard(stewards):
    with pytest.raises(Invalid):
        sighting_report(actor=stewards.volunteer, team=stewards.team, kind="noise", words=" ", at=NOON)
    assert not Hazard.objects.exists() and not DisputeSighting.objects.exists()
