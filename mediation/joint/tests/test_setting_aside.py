"""A suggestion of a higher tier that is not taken; what the desk lists and says of what one only reads."""

import pytest

from cases.tests.api import client_of
from governance.admin.my_work import work_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.testing import snapshot
from mediation.agreements.tests.deals import drafted
from mediation.glass import glass_break
from mediation.joint.notes import note_write
from mediation.joint.setting_aside import suggestions_set_aside
from mediation.joint.suggestions import codes_for, suggested_to
from mediation.models import Dispute

pytestmark = pytest.mark.django_db
V, T = "village_mediator", "township_mediator"
WHY = "双方已约定后天签协议"


def crowded(work) -> Dispute:
    Dispute.objects.filter(pk=work.general().pk).update(people=6)
    return Dispute.objects.get()


def test_a_suggestion_is_not_taken_with_a_reason(work, clock):
    # given a dispute for which a higher tier is suggested
    dispute, user = crowded(work), work.user(V)
    assert codes_for(dispute) == ["people"] and suggested_to(user)
    before = snapshot(dispute)
    for key in (T, "outside_village_mediator", "county_centre", "grid_worker", "administrator", "neighbour"):
        with pytest.raises(NotPermitted):
            suggestions_set_aside(dispute, actor=work.user(key), reason=WHY)
    with pytest.raises(Invalid):
        suggestions_set_aside(dispute, actor=user, reason=" ")
    assert snapshot(dispute) == before and codes_for(dispute) == ["people"]
    # when somebody who works on it says why not
    suggestions_set_aside(dispute, actor=user, reason=WHY)
    # then it is listed no more, and the reason stays
    assert codes_for(dispute) == [] and suggested_to(user) == []
    told = Event.objects.get(name="dispute.suggestion_set_aside")
    assert (told.payload["codes"], told.remark.text) == (["people"], WHY)
    assert WHY in client_of(user).get(f"/admin/mediation/dispute/{dispute.pk}/change/").content.decode()
    with pytest.raises(Conflict) as refused:
        suggestions_set_aside(dispute, actor=user, reason=WHY)
    assert refused.value.code == "nothing"
    # another reason suggests it anew, and so does another round
    clock.shift(20 * 86400)
    assert codes_for(dispute) == ["days"]
    dispute = work.county.step(work.county.step(Dispute.objects.get(), "terminate"), "reopen")
    assert codes_for(dispute) == ["people", "reopened"]


@pytest.mark.parametrize("door", ["admin", "api"])
def test_through_the_doors(work, door):
    dispute = crowded(work)
    page, rest = f"/admin/mediation/dispute/{dispute.pk}/", f"/api/v1/mediation/disputes/{dispute.pk}/set-aside/"
    for key, kind in (("outside_village_mediator", "multipart"), (T, "multipart"), (V, "multipart")):
        client = client_of(work.user(key))
        assert key != V or "do/set_aside/" in client.get(f"{page}change/").content.decode()
        address = rest if door == "api" else f"{page}do/set_aside/"
        answer = client.post(address, {"reason": WHY}, format=kind)
        if key == V:
            assert answer.status_code == (204 if door == "api" else 302), answer.content[:300]
            assert "do/set_aside/" not in client.get(f"{page}change/").content.decode()
        else:
            assert answer.status_code in (302, 403, 404) and codes_for(dispute) == ["people"]
    assert codes_for(dispute) == []


def titles(user, key: str) -> list[str]:
    return [row.title for found in work_of(user) if found.key == key for row in found.rows]


def test_what_one_only_reads_is_not_ones_work(work):
    # given a draft of the village, whose dispute the township reads through the glass
    dispute = work.general()
    drafted(work.county, dispute)
    reader = work.user(T)
    glass_break(dispute, actor=reader, reason="来访人在现场等候答复")
    assert titles(work.user(V), "agreements-drafts") == [dispute.number]
    assert titles(work.user(T), "agreements-drafts") == []
    # then the page says until when it is read
    page = client_of(reader).get(f"/admin/mediation/dispute/{dispute.pk}/change/").content.decode()
    assert "您正在紧急查阅本纠纷，可查阅至11:00止" in page
    assert "您正在紧急查阅" not in client_of(work.user(V)).get(
        f"/admin/mediation/dispute/{dispute.pk}/change/"
    ).content.decode()  # fmt: skip


def test_a_note_names_who_wrote_it_without_a_page_that_is_closed_to_the_reader(work):
    dispute = work.general()
    note = note_write(dispute, actor=work.user(V), kind="record", text="双方到场")
    page = client_of(work.user(V)).get(f"/admin/mediation/mediationnote/{note.pk}/change/").content.decode()
    assert str(work.user(V)) in page and "/admin/governance/user/" not in page


def test_the_measures_say_what_a_mediator_sees(work):
    work.county.step(work.general(), "terminate")
    address = "/admin/mediation/followupvisit/measures/?quarter=2026Q2"
    page = client_of(work.user(V)).get(address).content.decode()
    assert "全部显示" in page and "不予显示" not in page and "截至今日" in page
    page = client_of(work.user("county_centre")).get(address).content.decode()
    assert "不予显示" in page and "截至今日" not in page
