"""What partners offer: on view or not, places, calendars, papers that expire."""

from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given as drawn
from hypothesis import strategies as st

from governance.calendar_feeds import entries_of
from governance.clock import SHANGHAI
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import CalendarFeed, Event, Notice
from governance.timers import fire_due
from partners.models import Offer, OfferPlace, OfferSlot, PartnerAgreement, Qualification
from partners.recruiting.credit_code import ALPHABET, check_character, is_credit_code
from partners.recruiting.directory import Wish, directory_of, wish_of
from partners.recruiting.documents import agreement_word
from partners.recruiting.offering import Plan, offer_change
from partners.recruiting.qualifications import qualification_submit
from partners.recruiting.slots import place_take, slots_make
from partners.recruiting.tests.desk import PDF

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def on_view(offer: Offer) -> bool:
    return Offer.objects.on_view().filter(pk=offer.pk).exists()


def test_an_offer_is_read_by_the_community_first(desk):
    partner = desk.active("banker")
    offer = desk.offer(partner, by="banker")
    assert offer.state == "proposed" and not on_view(offer)
    desk.step(offer, "publish")
    assert on_view(offer)
    # changed by the community it stays, by the partner it is read again
    offer = offer_change(offer, actor=desk.manager, plan=Plan(kind="service", title="新标题"))
    assert (offer.title, on_view(offer)) == ("新标题", True)
    offer = offer_change(offer, actor=desk.user("banker"), plan=Plan(kind="service", title="又改"))
    assert not on_view(offer)
    with pytest.raises(NotPermitted):
        offer_change(offer, actor=desk.user("lawyer"), plan=Plan(kind="service", title="x"))


def test_only_active_partners_offer_and_are_shown(desk):
    with pytest.raises(Conflict):
        desk.offer(desk.approved("banker"))
    partner = desk.active("student")
    offer = desk.offer(partner, kind="hours", title="花园养护")
    slot = desk.slot(offer)
    desk.step(partner, "suspend", reason="核查")
    assert not on_view(offer)
    with pytest.raises(Conflict):
        place_take(slot, actor=desk.user("stranger"))
    desk.step(partner, "resume")
    place_take(slot, actor=desk.user("stranger"))


@pytest.mark.parametrize(("plan", "field"), [
    ({"title": " "}, "title"), ({"kind": "gold"}, "kind"), ({"access": "no"}, "access"),
    ({"weekdays": [1]}, "starts"), ({"weekdays": [7], "starts": time(8), "ends": time(9)}, "weekdays"),
    ({"starts": time(9), "ends": time(8)}, "ends"), ({"capacity": -1}, "capacity"), ({"place": "长" * 121}, "place"),
    ({"valid_from": datetime(2026, 5, 2).date(), "valid_to": datetime(2026, 5, 1).date()}, "valid_to"),
    ({"valid_to": datetime(9999, 12, 31).date()}, "valid_to"), ({"about": "\0"}, "about"),
])  # fmt: skip
def test_wrong_plans_are_refused_at_their_field(desk, plan, field):
    partner = desk.active("student")
    with pytest.raises(Invalid) as refused:
        desk.offer(partner, **plan)
    assert refused.value.field == field and not Offer.objects.exists()


def test_offers_are_made_in_communities_alone(desk):
    partner = desk.active("student")
    with pytest.raises(Invalid):
        desk.offer(partner, communities=[desk.city.area("street")])
    offer = desk.offer(partner, communities=[desk.city.area("other_community")], weekdays=range(7), starts=time(8),
                       ends=time(9))  # fmt: skip
    for name in ("community", "other_community"):
        found = directory_of([desk.city.area(name)], Wish())
        assert {one.offer.pk for _day, rows in found.days for one in rows} == {offer.pk}, name


def test_places_are_given_to_the_last_one_and_no_further(desk):
    partner = desk.active("banker")
    slot = desk.slot(desk.offer(partner, capacity=2))
    first = place_take(slot, actor=desk.user("student"))
    place_take(slot, actor=desk.user("lawyer"))
    for name, code in (("stranger", "full"), ("student", "taken")):
        with pytest.raises(Conflict) as refused:
            place_take(slot, actor=desk.user(name))
        assert refused.value.code == code
    desk.step(first, "cancel", by="student")
    place_take(slot, actor=desk.user("stranger"))
    slot.refresh_from_db()
    assert slot.taken == 2
    # who gave it back asks again when there is room
    desk.step(OfferPlace.objects.get(person=desk.people["lawyer"]), "cancel", by="lawyer")
    assert place_take(slot, actor=desk.user("student")).pk == first.pk


def test_no_places_where_nobody_signs_up_on_request_or_when_it_has_begun(desk):
    partner = desk.active("banker")
    for given, code in (({"capacity": 0}, "open_to_all"), ({"access": "request"}, "not_open")):
        slot = desk.slot(desk.offer(partner, **given))
        with pytest.raises(Conflict) as refused:
            place_take(slot, actor=desk.user("student"))
        assert refused.value.code == code
    slot = desk.slot(desk.offer(partner))
    with time_machine.travel(slot.starts_at, tick=False), pytest.raises(Conflict):
        place_take(slot, actor=desk.user("student"))


def test_a_cancelled_date_tells_who_had_a_place(desk):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0009_partner_notices.json"), verbosity=0)
    slot = desk.slot(desk.offer(desk.active("banker")))
    place = place_take(slot, actor=desk.user("student"))
    desk.step(slot, "cancel", by="banker", reason="讲师生病")
    place.refresh_from_db()
    assert place.state == "dropped"
    assert Notice.objects.filter(person=desk.people["student"], title__contains="金融知识讲座").count() == 1
    with pytest.raises(Conflict):
        desk.step(OfferSlot.objects.get(pk=slot.pk), "cancel", by="banker", reason="再取消")


def test_dates_repeat_weekly_and_stand_once_at_a_time(desk):
    offer = desk.offer(desk.active("banker"))
    starts_at = datetime.combine(timezone.localdate() + 3 * DAY, time(10), SHANGHAI)
    given = {"actor": desk.manager, "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)}
    rows = slots_make(offer, repeat=3, **given)
    assert [row.starts_at for row in rows] == [starts_at + n * timedelta(weeks=1) for n in range(3)]
    with pytest.raises(Conflict):
        slots_make(offer, **given)
    for wrong in ({"ends_at": starts_at}, {"repeat": 27}, {"capacity": -1}, {"place": "长" * 121},
                  {"starts_at": starts_at + 500 * DAY}):  # fmt: skip
        with pytest.raises(Invalid):
            slots_make(offer, **(given | wrong))
    assert OfferSlot.objects.count() == 3


def test_a_licence_is_reminded_of_and_expires_and_its_offers_are_not_shown(desk):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0009_partner_notices.json"), verbosity=0)
    partner = desk.approved("lawyer")
    last = timezone.localdate() + 40 * DAY
    desk.licensed(partner, valid_to=last)
    desk.sign(partner, "lawyer")
    partner = desk.step(partner, "activate")
    offer = desk.offer(partner, title="法律咨询", by="lawyer")
    # what is done by a lawyer needs the licence, whatever was said; a room does not
    assert offer.needs == desk.licence and desk.offer(partner, kind="venue", title="会客室").needs is None
    offer = desk.step(offer, "publish")
    slot = desk.slot(offer, days=60)
    assert on_view(offer)
    Notice.objects.all().delete()
    with time_machine.travel(datetime.combine(last - 30 * DAY, time(9, 1), SHANGHAI), tick=False):
        fire_due()
    assert Notice.objects.filter(person=desk.people["lawyer"], title__contains="律师执业证").count() == 1
    with time_machine.travel(datetime.combine(last + DAY, time(0, 1), SHANGHAI), tick=False):
        fire_due()
        assert not on_view(offer)
        with pytest.raises(Conflict):
            place_take(slot, actor=desk.user("student"))
    assert Qualification.objects.get(partner=partner).state == "expired"
    assert Event.objects.filter(name="qualification.expired", subject_id__isnull=False).count() == 1
    # a new one brings it back
    desk.licensed(partner)
    assert on_view(offer)


def test_a_revoked_licence_hides_what_needs_it_at_once_and_its_timers_go(desk):
    partner = desk.active("lawyer")
    offer = desk.offer(partner)
    desk.step(Qualification.objects.get(partner=partner), "revoke", reason="注销")
    assert not on_view(offer)
    assert Qualification.objects.get().state == "revoked"


def test_qualifications_are_handed_in_with_a_document_and_not_verified_by_oneself(desk):
    partner = desk.approved("lawyer")
    given = {"actor": desk.user("lawyer"), "kind": desk.licence, "number": "1", "documents": [PDF]}
    for wrong, field in (({"documents": []}, "documents"), ({"number": " "}, "number"),
                         ({"valid_to": timezone.localdate() - DAY}, "valid_to")):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            qualification_submit(partner, **(given | wrong))
        assert refused.value.field == field
    with pytest.raises(NotPermitted):
        qualification_submit(partner, **(given | {"actor": desk.user("student")}))
    row = qualification_submit(partner, **given)
    with pytest.raises(Conflict):
        qualification_submit(partner, **given)
    with time_machine.travel(timezone.now() + 800 * DAY, tick=False):
        assert desk.step(row, "verify").state == "verified"


def test_a_suspension_and_an_agreement_end_by_themselves(desk):
    partner = desk.active("student")
    desk.step(partner, "suspend", reason="核查", until=timezone.localdate() + 2 * DAY)
    with time_machine.travel(datetime.combine(timezone.localdate() + 3 * DAY, time(0, 1), SHANGHAI), tick=False):
        fire_due()
    partner.refresh_from_db()
    assert (partner.state, partner.suspended_until) == ("active", None)
    row = PartnerAgreement.objects.get(partner=partner)
    with time_machine.travel(datetime.combine(row.valid_to + DAY, time(0, 1), SHANGHAI), tick=False):
        fire_due()
    row.refresh_from_db()
    assert row.state == "over"


def test_the_agreement_is_a_word_document(desk):
    partner = desk.active("banker")
    name, content = agreement_word(PartnerAgreement.objects.with_rows().get(partner=partner))
    assert name.endswith(".docx") and content[:2] == b"PK"


def test_calendars_of_the_unit_of_who_gives_and_of_who_comes(desk):
    partner = desk.active("banker")
    slot = desk.slot(desk.offer(partner))
    place_take(slot, actor=desk.user("student"))
    feeds = [
        CalendarFeed(owner=desk.user("banker"), kind="unit", unit=partner.unit),
        CalendarFeed(owner=desk.user("student"), kind="person"),
        CalendarFeed(owner=desk.user("stranger"), kind="person"),
    ]  # fmt: skip
    assert [[entry.uid for entry in entries_of(feed)] for feed in feeds] == [
        [f"partner-offer-{slot.pk}"], [f"partner-offer-{slot.pk}"], [],
    ]  # fmt: skip


def test_the_directory_by_days_and_without_a_date(desk):
    partner = desk.active("banker")
    today = timezone.localdate()
    talk = desk.offer(partner)
    slot = desk.slot(talk, days=1)
    weekly = desk.offer(partner, kind="venue", title="会议室", weekdays=[(today + 2 * DAY).weekday()], starts=time(9),
                        ends=time(10))  # fmt: skip
    money = desk.offer(partner, kind="money", title="助学金", extent="每年2万元")
    found = directory_of([desk.area], Wish(day=today), reader=desk.user("student"))
    days = {day: [one.offer for one in rows] for day, rows in found.days}
    assert days[today + DAY] == [talk] and days[today + 2 * DAY] == [weekly] and found.undated == [money]
    assert not found.days[0][1][0].mine
    place_take(slot, actor=desk.user("student"))
    assert directory_of([desk.area], Wish(day=today), reader=desk.user("student")).days[0][1][0].mine
    month = directory_of(None, Wish(view="month", day=today))
    assert len(month.weeks[0]) == 7 and month.weeks[0][0][0].weekday() == 0
    for given, count in (({"kind": "money"}, 1), ({"text": "讲座 农商"}, 1), ({"text": "没有"}, 0),
                         ({"partner_kind": "volunteer"}, 0)):  # fmt: skip
        narrowed = directory_of([desk.area], Wish(day=today, **given))
        assert (
            len({one.offer.pk for _day, rows in narrowed.days for one in rows} | {o.pk for o in narrowed.undated})
            == count
        )


@drawn(view=st.sampled_from(["list", "week", "month", "x"]), day=st.text(max_size=12), words=st.text(max_size=60))
def test_any_query_means_something(view, day, words):
    wish = wish_of({"view": view, "day": day, "q": words, "kind": words})
    first, last = wish.span
    assert first <= wish.day <= last and wish.before < wish.day and wish.after > wish.day


@drawn(st.text(alphabet=ALPHABET, min_size=9, max_size=9), st.integers(0, 8), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(body, place, other):
    first = f"91990102{body}"
    code = first + check_character(first)
    assert is_credit_code(code)
    wrong = code[: 8 + place] + other + code[9 + place :]
    assert is_credit_code(wrong) is (wrong == code)
