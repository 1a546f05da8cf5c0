"""The rounds of the fictional city: plausible days behind, and days to come."""

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from cases.demo_patrols import load_patrols
from cases.models import Case, CheckIn, MissedPoint, Patrol, PatrolPoint
from governance.boundaries import holds
from governance.models import Timer
from governance.timers import fire_due


@pytest.mark.django_db
def test_the_city_has_rounds_behind_and_ahead():
    # given the fixtures of the city
    files = [str(path) for path in sorted((settings.BASE_DIR / "fixtures").glob("0[0-2]*.json"))]
    call_command("loaddata", *files, verbosity=0)
    for point in PatrolPoint.objects.select_related("route__area"):
        assert holds(point.route.area.boundary, point.longitude, point.latitude), point
    # when its rounds are written
    now = timezone.now()
    assert load_patrols(now=now) == Patrol.objects.count() > 30
    # then every past round has ended, some were missed, most points reached, and one finding is open
    past = Patrol.objects.filter(ends_at__lt=now)
    assert set(past.values_list("state", flat=True)) == {"finished", "missed"}
    assert set(Patrol.objects.filter(ends_at__gte=now).values_list("state", flat=True)) == {"planned"}
    assert CheckIn.objects.filter(at_place=True).count() > MissedPoint.objects.count() > 0
    assert not MissedPoint.objects.filter(patrol__state="finished", reason="").exists()
    assert Case.objects.get().source == "patrol"
    # and nothing is left to fire
    Timer.objects.exclude(kind__startswith="patrol.").delete()
    assert fire_due() == 0
