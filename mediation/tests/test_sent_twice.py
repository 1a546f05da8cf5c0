"""The same words sent a second time within minutes: the person is asked whether they mean it, and nothing is stored."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Invalid
from governance.models import IdempotencyRecord
from mediation.joint.sittings import sitting_move, sitting_plan
from mediation.models import Dispute, Hazard, MediationNote, Sitting

pytestmark = pytest.mark.django_db
COMMUNITY = "990102001001"
WORDS = "楼上漏水，两家在楼道里吵"


def _hazard_phone(county):
    return "/m/hazards/new/", {"words": WORDS, "address": "3栋楼道", "area": COMMUNITY, "once": str(uuid.uuid4())}


def _hazard_desk(county):
    return "/admin/mediation/hazard/add/", {
        "words": WORDS, "area": COMMUNITY, "place": "3栋楼道", "source": "other", "urgency": "normal",
    }  # fmt: skip


def _dispute(page):
    def asked(county):
        return page, {
            "title": "楼上漏水", "source": "application", "area": COMMUNITY, "type": "neighbours", "tier": "general",
            "urgency": "normal", "people": "2", "applicant": "何秀兰", "respondent": "马国梁",
        }  # fmt: skip

    return asked


def _note(county):
    dispute = county.mediating()
    page = f"/admin/mediation/mediationnote/add/?dispute={dispute.number}"
    return page, {"dispute": dispute.number, "kind": "record", "text": WORDS}


FORMS = {
    "hazard on the phone": (_hazard_phone, Hazard), "hazard at the desk": (_hazard_desk, Hazard),
    "dispute on the phone": (_dispute("/m/disputes/new/"), Dispute),
    "dispute at the desk": (_dispute("/admin/mediation/dispute/add/"), Dispute), "note": (_note, MediationNote),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_what_was_sent_a_moment_ago_is_asked_about_once(county, clock, name):
    asked, model = FORMS[name]
    page, form = asked(county)
    client, before = client_of(county.mediator), model.objects.count()
    # given something sent well
    assert client.post(page, form, format="multipart").status_code == 302
    # when the browser's back button shows the form again, with a token of its own, and it is sent once more
    again = form | ({"once": str(uuid.uuid4())} if "once" in form else {})
    answer = client.post(page, again, format="multipart")
    # then nothing is stored: the form names what was made and asks
    told = answer.content.decode()
    assert answer.status_code == 400 and model.objects.count() == before + 1
    assert "刚才已提交" in told and getattr(model.objects.latest("pk"), "number", "D") in told
    mark = answer.context["form"]["again"].value()
    assert f'name="again" value="{mark}"' in told and len(mark) == 64
    # what was asked is another person's, or another thing's, answers nothing
    assert client.post(page, again | {"again": "x" * 64}, format="multipart").status_code == 400
    # sent as it was shown, it is stored
    assert client.post(page, again | {"again": mark}, format="multipart").status_code == 302
    assert model.objects.count() == before + 2
    # and so it is without being asked after a while
    clock.shift(11 * 60)
    later = form | ({"once": str(uuid.uuid4())} if "once" in form else {})
    assert client.post(page, later, format="multipart").status_code == 302
    # nothing of the words stands with the mark
    kept = IdempotencyRecord.objects.filter(scope__startswith="made ")
    assert kept.count() == 1 and not any(WORDS in row.key + str(row.answer) for row in kept)


def test_other_words_and_other_people_are_not_asked(county):
    page, form = _dispute("/m/disputes/new/")(county)
    client = client_of(county.mediator)
    assert client.post(page, form, format="multipart").status_code == 302
    assert client.post(page, form | {"title": "楼上又漏水"}, format="multipart").status_code == 302
    assert client_of(county.people["colleague"]).post(page, form, format="multipart").status_code == 302
    assert Dispute.objects.count() == 3
    # what was refused was not made: sent again, it is not asked about
    wrong = form | {"title": "噪音", "on": "2099-01-01"}
    assert client.post(page, wrong, format="multipart").status_code == 400
    assert client.post(page, form | {"title": "噪音"}, format="multipart").status_code == 302


def test_sittings_of_one_dispute_are_not_at_the_same_time(county):
    # given a sitting of a dispute
    dispute, now = county.mediating(), timezone.now()
    given = {"actor": county.mediator, "kind": "on_site", "place": "何家楼下"}

    def plan(row, first: int, last: int) -> Sitting:
        return sitting_plan(
            row, starts_at=now + timedelta(minutes=first), ends_at=now + timedelta(minutes=last), **given
        )

    planned = plan(dispute, 60, 120)
    # then none is planned, or moved, into its time
    for first, last in ((60, 120), (90, 150), (30, 61), (70, 80)):
        with pytest.raises(Invalid) as refused:
            plan(dispute, first, last)
        assert (refused.value.field, refused.value.code) == ("starts_at", "overlap")
    after = plan(dispute, 120, 180)
    with pytest.raises(Invalid) as refused:
        sitting_move(after, actor=county.mediator, starts_at=planned.starts_at, ends_at=planned.ends_at, reason="提前")
    assert refused.value.code == "overlap" and Sitting.objects.get(pk=after.pk).starts_at == after.starts_at
    # but another dispute's may be, and so may one after it was called off, or moved within its own time
    plan(county.mediating(), 60, 120)
    moved = sitting_move(planned, actor=county.mediator, starts_at=planned.starts_at + timedelta(minutes=5),
                         ends_at=planned.ends_at, reason="晚到")  # fmt: skip
    Sitting.objects.filter(pk=moved.pk).update(state="cancelled")
    assert plan(dispute, 60, 120).pk
