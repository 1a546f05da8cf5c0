"""A slip of writing in the name of who has signed is put right; nobody is put in their place."""

import pytest
from django.db import DatabaseError, transaction

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.workflow import act
from mediation.agreements.documents.papers import paper_take
from mediation.agreements.tests.deals import drafted, effective, parties
from mediation.confirmation.tests.test_confirmation import applied
from mediation.disputes.parties import party_amend
from mediation.disputes.slips import is_slip, party_slip_correct
from mediation.models import Agreement, Consent, Dispute, FormerName, JudicialConfirmation, Party
from mediation.papers.links import link_make, link_of
from mediation.tests.papers import text_of

pytestmark = pytest.mark.django_db
WHY = "身份证上为“马国樑”"
RIGHT = "马国樑"  # 马国梁 stands there


def correct(county, party, name=RIGHT, **given):
    return party_slip_correct(party, **({"actor": county.mediator, "name": name, "reason": WHY} | given))


def held(party):
    return Party.everyone.filter(pk=party.pk).values().get(), Event.objects.count(), FormerName.objects.count()


def refused(county, party, code, error=Invalid, **given):
    before = held(party)
    with pytest.raises(error) as refusal:
        correct(county, party, **given)
    assert refusal.value.code == code and held(party) == before
    return refusal.value


def test_only_the_spelling_changes_and_what_stood_there_is_kept(county):
    # given an agreement in effect whose respondent is misspelt, with a link
    agreement = effective(county)
    party = parties(agreement.dispute)[1]
    _link, token = link_make(party, actor=county.mediator)
    before = held(party)[0]
    # when the name is put right
    correct(county, party)
    # then nothing else has changed: no answer, no signature, no number, no link
    after = held(party)[0]
    assert after.pop("name") == RIGHT and before.pop("name") == "马国梁" and after == before
    assert not Consent.objects.filter(party=party).first().void and link_of(token) is not None
    assert agreement.signatures.filter(party=party).exists()
    # the trail tells that, who and why, and no name; the former spelling is a row that stays
    event = Event.objects.get(name="dispute.party_name_corrected")
    assert (event.actor, event.remark.text) == (county.mediator, WHY) and "马" not in str(event.payload)
    row = FormerName.objects.get(pk=event.payload["former"])
    assert (row.name, row.party, row.corrected_by) == ("马国梁", party, county.mediator)
    for change in (lambda: FormerName.objects.update(name="甲"), lambda: FormerName.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    # papers made from now on tell both
    paper = text_of(paper_take(agreement.dispute, "agreement", actor=county.mediator)[1])
    assert "马国樑（原写作“马国梁”，系笔误，已更正）" in paper


@pytest.mark.parametrize("name", ["李国强", "马大力", "马国", "马国梁家", "王马国樑", "何秀英", "三马四五"])
def test_nobody_else_is_put_in_the_place_of_who_signed(county, name):
    slip = name in ("马国", "马国梁家", "王马国樑")
    party = parties(effective(county).dispute)[1]
    if slip:
        assert correct(county, party, name).name == name
    else:
        error = refused(county, party, "another", name=name)
        assert error.field == "name" and "笔误" in str(error.detail)


def test_nor_in_two_small_steps(county):
    party = parties(effective(county).dispute)[1]
    correct(county, party, "马国强")
    refused(county, party, "another", name="马大强")
    assert correct(county, party, "马国梁").name == "马国梁"  # back again
    assert Party.objects.get(pk=party.pk).former == ["马国梁", "马国强"]


@pytest.mark.parametrize(("before", "written", "slip"), [
    ("张三", "张叁", True), ("张三", "李四", False), ("张三", "张", True), ("张", "李", False), ("张三", "三张", True),
    ("欧阳娜", "欧阳娜娜", True), ("欧阳娜", "欧阳娜娜娜", False), ("绿园物业公司", "绿圆物业公司", True),
    ("绿园物业公司", "万达建筑公司", False), ("张三", "", False), ("张三", "张 三", True),
])  # fmt: skip
def test_what_is_a_slip(before, written, slip):
    assert is_slip(before, written) is slip


def test_the_number_is_no_part_of_it_and_the_other_way_stays_closed(county):
    party = parties(effective(county).dispute)[0]
    with pytest.raises(TypeError):
        correct(county, party, "何秀瑛", identity="990102197001011211")
    dispute = county.step(Dispute.objects.get(pk=party.dispute_id), "reopen")
    with pytest.raises(Conflict):
        party_amend(parties(dispute)[0], actor=county.mediator, name="何秀瑛")
    assert correct(county, party, "何秀瑛").identity == "990102197001011238"


def test_of_a_signed_draft_too_but_who_signed_nothing_is_corrected_as_any_party(county):
    draft = drafted(county)
    signer, free = parties(draft.dispute)
    act(draft, "sign_party", actor=county.mediator, party=signer)
    assert correct(county, signer, "何秀瑛").name == "何秀瑛" and Agreement.objects.get().signatures.count() == 1
    refused(county, free, "free", error=Conflict)


def test_whose_row_became_another_persons_has_no_former_spelling_of_theirs(county):
    # given a slip put right on a draft; it is discarded, and another person entered in that row signs a new one
    draft = drafted(county)
    party = parties(draft.dispute)[1]
    act(draft, "sign_party", actor=county.mediator, party=party)
    correct(county, party)
    act(draft, "discard", actor=county.mediator, reason="当事人有误")
    party = party_amend(party, actor=county.mediator, name="孙大旺")
    county.consent(party)
    act(drafted(county, draft.dispute), "sign_party", actor=county.mediator, party=party)
    # then papers and unmasking tell nothing of who stood there, and a slip is measured from the own name
    assert party.former == []
    assert correct(county, party, "孙大望").former == ["孙大旺"]


def test_until_a_court_has_it_or_the_file_is_archived(county):
    agreement = effective(county)
    party = parties(agreement.dispute)[1]
    confirmation = applied(county, JudicialConfirmation.objects.with_rows().get(agreement=agreement))
    refused(county, party, "at_court", error=Conflict)
    act(confirmation, "withdraw", actor=county.mediator, reason="再考虑")
    for given, code in (({"name": "马国梁"}, "same"), ({"reason": " "}, "required"), ({"name": "马\0梁"}, "invalid"),
                        ({"name": " "}, "another"), ({"name": "马" * 81}, "max_length")):  # fmt: skip
        refused(county, party, code, **given)
    assert correct(county, party).name == RIGHT
    Dispute.objects.filter(pk=party.dispute_id).update(state="archived")
    refused(county, party, "ended", error=Conflict, name="马国良")


def test_the_mediator_does_it_nobody_else_of_the_committee(county):
    party = parties(effective(county).dispute)[1]
    for key in ("colleague", "outside_village_mediator", "township_mediator", "county_centre", "grid_worker",
                "administrator", "judges_clerk", "joint_department", "neighbour"):  # fmt: skip
        before = held(party)
        with pytest.raises(NotPermitted):
            correct(county, party, actor=county.user(key))
        assert held(party) == before, key
    # where a centre carries it on, its people do
    Dispute.objects.filter(pk=party.dispute_id).update(tier="complex", unit=county.unit("medcentre"))
    assert correct(county, party, actor=county.user("township_mediator")).name == RIGHT


@pytest.mark.parametrize("door", ["admin", "api"])
def test_through_the_doors(county, door):
    dispute = effective(county).dispute
    party, client = parties(dispute)[1], client_of(county.mediator)
    page = {"admin": f"/admin/mediation/dispute/{dispute.pk}/party/{party.pk}/slip/",
            "api": f"/api/v1/mediation/disputes/{dispute.pk}/parties/{party.pk}/slip/"}[door]  # fmt: skip
    kind = "multipart" if door == "admin" else "json"
    change = f"/admin/mediation/dispute/{dispute.pk}/change/"
    assert page in client.get(change).content.decode() or door == "api"
    assert page not in client_of(county.user("colleague")).get(change).content.decode()
    for key in ("colleague", "outside_village_mediator", "township_mediator", "grid_worker", "neighbour"):
        answer = client_of(county.user(key)).post(page, {"name": RIGHT, "reason": WHY}, format=kind)
        assert answer.status_code in (302, 403, 404), key
    assert Party.objects.get(pk=party.pk).name == "马国梁"
    for wrong in ({"name": "李四"}, {"reason": ""}, {"name": ""}):
        answer = client.post(page, {"name": RIGHT, "reason": WHY} | wrong, format=kind)
        assert answer.status_code == 400, wrong
    answer = client.post(page, {"name": RIGHT, "reason": WHY}, format=kind)
    assert answer.status_code == (302 if door == "admin" else 200), answer.content
    assert Party.objects.get(pk=party.pk).name == RIGHT and "国" not in str(answer.content.decode())
    # masked on the page, in the clear where it is unmasked
    if door == "admin":
        assert "原写作马**" in client.get(change).content.decode()
        shown = client.post(f"/admin/mediation/dispute/{dispute.pk}/party/{party.pk}/unmask/", {"reason": "核对"},
                            format="multipart")  # fmt: skip
        assert "原写作马国梁" in shown.content.decode()
    else:
        shown = client.post(page.replace("slip", "unmask"), {"reason": "核对"}, format="json").json()
        assert (shown["name"], shown["former"]) == (RIGHT, ["马国梁"])
