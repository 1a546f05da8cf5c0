"""A hazard becomes a dispute: what is asked then, and who reads the hazard from then on."""

from datetime import timedelta

import pytest

from governance.testing import snapshot
from governance.workflow import act
from mediation.joint.sittings import sitting_plan
from mediation.models import Dispute
from mediation.prevention.tests.test_doors import API, client
from mediation.prevention.tests.village import hazard
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("door", ["admin", "api", "phone"])
@pytest.mark.parametrize(("said", "domestic"), [("true", True), ("false", False)])
def test_violence_in_a_family_is_said_to_be_domestic_or_not_when_it_is_registered(county, door, said, domestic):
    # given a quarrel of a family, with signs of violence, that the mediator assessed
    found = hazard(county, words="夫妻吵架，听见打人的声音")
    found = act(found, "assess", actor=county.mediator, type=county.type("marriage_family"), violence=True)
    given = {"type": "marriage_family", "title": "夫妻争吵动手"}
    page = {
        "admin": f"/admin/mediation/hazard/{found.pk}/transition/convert/",
        "phone": f"/m/hazards/{found.pk}/convert/", "api": f"{API}/hazards/{found.pk}/transitions/convert/",
    }[door]  # fmt: skip
    desk, how = client(county, "village_mediator"), "json" if door == "api" else "multipart"
    if door != "api":
        assert 'name="domestic_violence"' in desk.get(page).content.decode()

    # when it is registered without an answer, or with none that is one, then nothing has happened
    before = snapshot(found), Dispute.objects.count()
    for wrong in ({}, {"domestic_violence": "unknown"}, {"domestic_violence": "perhaps"}):
        answer = desk.post(page, given | wrong, format=how)
        assert answer.status_code == 400 and "请说明是否属于家庭暴力" in answer.content.decode(), wrong
        assert (snapshot(found), Dispute.objects.count()) == before

    # when it is answered, then the dispute knows from its first moment, and what holds then holds
    value = {"domestic_violence": domestic if door == "api" else said}
    assert desk.post(page, given | value, format=how).status_code == (200 if door == "api" else 302)
    dispute = Dispute.objects.get()
    assert (dispute.violence, dispute.domestic_violence) == (True, domestic)
    Dispute.objects.filter(pk=dispute.pk).update(state="accepted", accepted_at=NOW, term_until=NOW.date())
    sat = sitting_plan(dispute, actor=county.mediator, kind="on_site", place="调解室",
                       starts_at=NOW + timedelta(days=1), ends_at=NOW + timedelta(days=1, hours=1))  # fmt: skip
    assert sat.together is not domestic


def test_other_hazards_are_registered_without_that_answer(county):
    """A family's without signs of violence; signs of violence between neighbours; and it may be said all the same."""
    desk = client(county, "village_mediator")
    for type_, violence, said in (
        ("marriage_family", False, ""),
        ("neighbours", True, ""),
        ("neighbours", False, "true"),
    ):
        found = act(hazard(county), "assess", actor=county.mediator, type=county.type(type_), violence=violence)
        body = {"type": type_, "title": "吵架", "domestic_violence": said}
        page = f"/admin/mediation/hazard/{found.pk}/transition/convert/"
        assert desk.post(page, body, format="multipart").status_code == 302
        made = Dispute.objects.latest("id")
        assert (made.violence, made.domestic_violence) == (violence or bool(said), bool(said))
