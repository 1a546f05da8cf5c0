"""Hot-spot signals become needs through the registry that cases offers."""

import pytest

from cases.hotspots.tests.test_doors import a_signal, page
from cases.tests.api import client_of
from governance.errors import Invalid
from governance.workflow import act
from partners.models import Need, NeedCategory
from partners.needs.origins import origin_told

pytestmark = pytest.mark.django_db


def test_a_signal_becomes_a_need_of_the_community_its_cases_lie_in(hall):
    signal, dispatcher = a_signal(hall.city, area="street"), hall.city.user("dispatcher")
    act(signal, "make_need", actor=dispatcher, title="", description="")
    need = Need.objects.made_of(signal).get()
    assert (need.source, need.area, need.registered_by) == ("analysis", hall.city.area("grid"), dispatcher)
    assert str(signal.category) in need.title and need.description
    # both pages lead to each other, for those who see the other one
    shown = client_of(dispatcher).get(page(signal)).content.decode()
    assert need.number in shown and f"/admin/partners/need/{need.pk}/change/" in shown
    assert client_of(dispatcher).get(f"/admin/partners/need/{need.pk}/change/").status_code == 200
    assert origin_told(need, dispatcher)[1] and not origin_told(need, hall.manager)[1]
    assert client_of(hall.manager).get(f"/admin/partners/need/{need.pk}/change/").status_code == 200


def test_without_categories_nothing_is_half_done(hall):
    NeedCategory.objects.all().delete()
    signal = a_signal(hall.city)
    with pytest.raises(Invalid):
        act(signal, "make_need", actor=hall.city.user("dispatcher"))
    signal.refresh_from_db()
    assert signal.state == "new" and not Need.objects.exists()
