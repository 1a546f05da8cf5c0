"""Applying, review, activation, and how a partnership ends."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from governance.configuration import configuration_save
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Event, OrgUnit, Role
from governance.models.timer import Timer
from partners.models import Account, AgreementTerms, Partner, PartnerAgreement, Recruitment
from partners.recruiting.credit_code import is_credit_code
from partners.recruiting.joining import partner_apply
from partners.recruiting.standing import partner_of, partners_of
from partners.recruiting.tests.desk import credit_code

pytestmark = pytest.mark.django_db


def events_of(obj) -> list[str]:
    rows = Event.objects.filter(subject_type=obj._meta.label_lower, subject_id=obj.pk)
    return list(rows.order_by("id").values_list("name", flat=True))


def test_an_organisation_becomes_a_partner_with_a_unit_an_account_and_somebody_who_acts(desk):
    # given an application for a bank, approved
    partner = desk.step(desk.apply("banker"), "approve")
    # then its unit is there, and an agreement to be signed; nobody acts for the unit yet
    assert partner.unit.code == f"partner-{partner.credit_code.lower()}"
    assert not Appointment.objects.filter(unit=partner.unit).exists()
    with pytest.raises(Conflict) as refused:
        desk.step(partner, "activate")
    assert refused.value.code == "missing"
    # when both sides have signed and it is made active
    desk.sign(partner, "banker")
    partner = desk.step(partner, "activate")
    # then points can be earned, and the applicant acts for it
    assert partner.account.unit == partner.unit and partner.active_from == timezone.localdate()
    post = Appointment.objects.get(unit=partner.unit)
    assert (post.user, post.role, post.area) == (desk.people["banker"], Role.PARTNER, desk.area)
    assert partner_of(desk.user("banker"), desk.area) == partner
    assert list(partners_of(desk.user("stranger"))) == []
    assert events_of(partner) == ["partner.applied", "partner.approved", "partner.activated"]


def test_a_lawyer_needs_a_verified_licence_in_force(desk):
    partner = desk.approved("lawyer")
    desk.sign(partner, "lawyer")
    with pytest.raises(Conflict) as refused:
        desk.step(partner, "activate")
    assert "律师执业证" in str(refused.value.detail)
    # one that begins later does not do
    desk.licensed(partner, valid_from=timezone.localdate() + timedelta(days=1))
    with pytest.raises(Conflict):
        desk.step(partner, "activate")
    desk.licensed(partner)
    partner = desk.step(partner, "activate")
    assert partner.account.user == desk.people["lawyer"]


def test_a_unit_known_already_is_tied_and_not_made_twice(desk):
    unit = OrgUnit.objects.create(code="bank", name="农商行", kind="other", area=desk.area)
    partner = desk.step(desk.apply("banker"), "approve", unit=unit)
    assert partner.unit == unit and OrgUnit.objects.filter(code__startswith="partner-").count() == 0
    # a unit that is another partner's here, or works in the administration, is refused
    other = desk.apply("gymnast")
    for wrong in (unit, desk.city.unit("municipal")):
        with pytest.raises(Invalid):
            desk.step(other, "approve", unit=wrong)
    assert Partner.objects.get(pk=other.pk).state == "applied"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "resource", "name": "银行", "credit_code": "91990102MA0000001X"}, "credit_code"),
        ({"kind": "resource", "name": "银行", "credit_code": ""}, "credit_code"),
        ({"kind": "resource", "name": "", "credit_code": credit_code(7)}, "name"),
        ({"kind": "volunteer", "credit_code": credit_code(7)}, "credit_code"),
        ({"kind": "professional"}, "profession"),
        ({"kind": "other"}, "kind"),
        ({"kind": "volunteer", "contact_phone": "12"}, "contact_phone"),
        ({"kind": "volunteer", "about": "长" * 501}, "about"),
        ({"kind": "volunteer", "about": "a\0b"}, "about"),
    ],
)
def test_wrong_applications_are_refused_at_their_field(desk, given, field):
    with pytest.raises(Invalid) as refused:
        desk.apply("student", **given)
    assert refused.value.field == field and not Partner.objects.exists()


def test_one_open_application_a_person_and_organisation_and_community(desk):
    desk.apply("student")
    with pytest.raises(Conflict):
        desk.apply("student")
    first = desk.apply("banker", credit_code=credit_code(50))
    with pytest.raises(Conflict):
        desk.apply("clerk", kind="resource", name="同一家", credit_code=f" {credit_code(50).lower()} ")
    # once declined it may be tried again
    desk.step(first, "decline", reason="资料不全")
    desk.apply("clerk", kind="resource", name="同一家", credit_code=credit_code(50))
    # and nobody applies where no page is open
    with pytest.raises(Conflict) as refused:
        desk.apply("student", area=desk.city.area("other_community"))
    assert refused.value.code == "closed"


def test_leaving_ends_offers_agreement_and_posts_and_keeps_the_account(desk):
    partner = desk.active("banker")
    offer = desk.offer(partner)
    slot = desk.slot(offer)
    account = partner.account
    partner = desk.step(partner, "leave", by="banker")
    offer.refresh_from_db(), slot.refresh_from_db()
    assert (partner.state, partner.left_on, offer.state, slot.state) == (
        "left", timezone.localdate(), "ended", "cancelled",
    )  # fmt: skip
    assert PartnerAgreement.objects.get(partner=partner).state == "over"
    assert Partner.objects.get(pk=partner.pk).account == account
    # who comes back has the same unit and account
    again = desk.approved("banker", credit_code=partner.credit_code)
    desk.sign(again, "banker")
    again = desk.step(again, "activate")
    assert (again.unit, again.account) == (partner.unit, account)
    assert partner_of(desk.user("banker"), desk.area) == again


def test_who_left_acts_no_more(desk):
    partner = desk.active("banker")
    Appointment.objects.filter(unit=partner.unit).update(valid_from=date(2026, 1, 1))
    desk.step(partner, "end", reason="长期不履约")
    assert partner_of(desk.user("banker"), desk.area) is None
    assert not Partner.objects.visible_to(desk.user("banker")).exists()
    with pytest.raises(NotPermitted):
        desk.offer(partner, by="banker")


def test_a_suspension_ends_by_itself(desk):
    partner = desk.active("student")
    with pytest.raises(Invalid):
        desk.step(partner, "suspend", reason="核查", until=timezone.localdate() - timedelta(days=1))
    partner = desk.step(partner, "suspend", reason="核查", until=timezone.localdate() + timedelta(days=2))
    assert partner_of(desk.user("student"), desk.area) is None
    assert partner.suspended_until is not None


def test_more_people_act_for_an_organisation_and_one_always_does(desk):
    partner = desk.active("banker")
    clerk = desk.people["clerk"]
    desk.step(partner, "add_person", person=clerk)
    assert partner_of(desk.user("clerk"), desk.area) == partner
    desk.step(partner, "drop_person", person=clerk, reason="离职")
    Appointment.objects.filter(user=clerk).update(valid_from=date(2026, 1, 1), valid_to=date(2026, 1, 2))
    assert partner_of(desk.user("clerk"), desk.area) is None
    with pytest.raises(Conflict):
        desk.step(partner, "drop_person", person=desk.people["banker"], reason="离职")
    with pytest.raises(Conflict):
        desk.step(desk.active("student"), "add_person", person=clerk)


def test_nobody_signs_for_both_sides(desk):
    # given a partner manager who is a volunteer of the own community
    partner = desk.apply("partner_manager")
    with pytest.raises(Conflict):
        desk.step(partner, "approve")
    partner = desk.step(partner, "approve", by="community_staff")
    row = partner.agreements.get()
    desk.step(row, "sign")
    with pytest.raises(Conflict):
        desk.step(row, "countersign")
    desk.step(row, "countersign", by="community_staff")
    assert desk.step(partner, "activate", by="community_staff").state == "active"


@pytest.mark.parametrize(("code", "right"), [
    ("91350100M000100Y43", True),  # the worked example of GB 32100-2015, annex
    ("91350100M000100Y44", False),
    ("91350100M000100I43", False),
    ("9135010OM000100Y43", False),
    ("", False),
])  # fmt: skip
def test_the_check_character_of_a_credit_code(code, right):
    assert is_credit_code(code) is right


def test_who_acts_here_does_not_reach_the_same_organisation_elsewhere(desk):
    # given a bank that is a partner of two communities, with people of its own in each
    other = desk.city.area("other_community")
    Recruitment.objects.create(area=other, terms=desk.terms)
    code = credit_code(77)
    here = desk.active("banker", credit_code=code)
    there = partner_apply(actor=desk.user("clerk"), area=other, kind="resource", name="农商行", credit_code=code)
    there = desk.step(there, "approve", by="outside_partner_manager")
    row = desk.step(there.agreements.get(), "sign", by="clerk")
    desk.step(row, "countersign", by="outside_partner_manager")
    there = desk.step(there, "activate", by="outside_partner_manager")
    assert here.unit == there.unit and here.account != there.account
    # then each sees and acts for the own one, and reads the points of that one alone
    for name, mine, theirs in (("banker", here, there), ("clerk", there, here)):
        user = desk.user(name)
        assert list(Partner.objects.visible_to(user)) == [mine]
        assert partner_of(user, mine.area) == mine and partner_of(user, theirs.area) is None
        assert list(Account.objects.visible_to(user)) == [mine.account]


def test_what_waits_to_be_signed_goes_with_the_application_and_is_not_changed(desk):
    partner = desk.approved("student")
    with pytest.raises(Conflict):
        desk.terms.text = "另一份文本"
        configuration_save(desk.terms, actor=desk.user("administrator"), changed=["text"])
    desk.step(partner, "withdraw", by="student")
    assert PartnerAgreement.objects.get(partner=partner).state == "over"
    assert AgreementTerms.objects.get().text != "另一份文本"
    # with the partner its qualifications are not watched any more
    lawyer = desk.approved("lawyer")
    row = desk.licensed(lawyer, valid_to=timezone.localdate() + timedelta(days=90))
    desk.sign(lawyer, "lawyer")
    desk.step(desk.step(lawyer, "activate"), "leave", by="lawyer")
    open_timers = Timer.objects.filter(subject_id=row.pk, kind__startswith="qualification", cancelled_at=None)
    assert not open_timers.exists()
