"""Skill exchange: what fits and why, confirmed by both, contact only then."""

from datetime import date, time, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Notice
from property.gatherings.matching import Wish, fit, ranked, words_of
from property.gatherings.skills import contact_of, match_propose, skill_add, suggestions_of
from property.gatherings.tests.festival import NOW
from property.models import SkillCategory, SkillMatch

TODAY = date(2026, 6, 2)


def wish(category="music", text="二胡", estate=1, days=(), starts=8, ends=21, minutes=60, named=()):
    return Wish(category, text, estate, frozenset(days), time(starts), time(ends), minutes, frozenset(named))


@pytest.mark.parametrize(
    ("offer", "want", "reasons"),
    [
        (wish(), wish(), ("category", "words", "estate")),
        (wish(), wish(text="笛子"), ("category", "estate")),
        (wish(), wish("repair", "二胡换弦", 2), ("words",)),
        (wish(), wish("repair", "水管", 1), None),
        (wish(days=(5, 6)), wish(days=(0, 1)), None),
        (wish(days=(5, 6)), wish(days=(6,), text="笛子"), ("category", "estate", "days")),
        (wish(starts=8, ends=10), wish(starts=10, ends=12), None),
        (wish(starts=8, ends=10), wish(starts=9, ends=12), ("category", "words", "estate")),
        (wish(starts=8, ends=10, minutes=90), wish(starts=9, ends=12, minutes=120), None),
        (wish(text="免费教学"), wish("repair", "免费教学"), None),
        # filed elsewhere, but it speaks of the other's kind
        (wish(text="教拉琴"), wish("other", "谁会乐器", named=("music",)), ("named", "estate")),
    ],
)
def test_what_fits_and_why(offer, want, reasons):
    found = fit(offer, want)
    assert (found.reasons if found else None) == reasons
    # the two may be given in either order
    turned = fit(want, offer)
    assert (turned and (turned.score, turned.reasons)) == (found and (found.score, found.reasons))


def test_better_fits_come_first_and_of_equals_the_older():
    others = [(1, wish(text="笛子", estate=2)), (2, wish()), (3, wish(estate=2)), (4, wish()), (5, wish("x", "y"))]
    assert [key for key, _fit in ranked(wish(), others)] == [2, 4, 3, 1]
    assert words_of("教拉二胡 Erhu") == {"教拉", "拉二", "二胡", "erhu"}


@pytest.fixture
def pair(square):
    """An offer of one neighbour and a want of another, who live in one estate."""
    music = SkillCategory.objects.get(code="music")
    giver, taker = square.neighbours[0], square.neighbours[-1]
    offer = skill_add(actor=giver, side="offer", category=music, title="教拉二胡", weekdays=[5, 6])
    want = skill_add(actor=taker, side="want", category=music, title="想学二胡", weekdays=[6])
    return giver, taker, offer, want


@pytest.mark.django_db
def test_the_words_of_a_kind_of_skill_find_what_is_filed_elsewhere(square, pair):
    _giver, taker, offer, want = pair
    other = skill_add(actor=taker, side="want", category=SkillCategory.objects.get(code="repair"), title="想请人伴奏")
    assert [row.pk for row, _found in suggestions_of(offer, TODAY)] == [want.pk]
    # when somebody who keeps the kinds adds what people call this one
    SkillCategory.objects.filter(code="music").update(words=["伴奏", "Erhu"])
    # then it is found, after what is of the same kind
    assert [(row.pk, found.reasons[0]) for row, found in suggestions_of(offer, TODAY)] == [
        (want.pk, "category"), (other.pk, "named")
    ]  # fmt: skip
    assert match_propose(actor=taker, offer=offer, want=other).reasons[0] == "named"


@pytest.mark.django_db
def test_a_match_is_confirmed_done_and_rated_by_both_and_contact_is_shown_only_then(square, pair):
    giver, taker, offer, want = pair
    assert [(row.pk, found.reasons) for row, found in suggestions_of(offer, TODAY)] == [
        (want.pk, ("category", "words", "estate", "days"))
    ]
    match = match_propose(actor=giver, offer=offer, want=want)
    assert match.state == "proposed" and match.giver_confirmed_at is not None
    # neither sees how to reach the other before both have confirmed
    assert contact_of(match, giver) is None and contact_of(match, taker) is None
    page = client_of(giver).get("/r/gatherings/skills/").content.decode()
    assert taker.phone not in page
    with pytest.raises(Conflict):
        square.step(match, "confirm", by=giver)
    with pytest.raises(NotPermitted):
        square.step(match, "confirm", by=square.neighbours[1])
    match = square.step(match, "confirm", by=taker)
    assert match.state == "confirmed"
    assert contact_of(match, giver).phone == taker.phone and contact_of(match, square.organiser) is None
    assert taker.phone in client_of(giver).get("/r/gatherings/skills/").content.decode()
    # done is said by both
    match = square.step(match, "report", by=taker)
    assert match.state == "confirmed"
    match = square.step(match, "report", by=giver)
    assert match.state == "done"
    # it is over: what is not needed any more is not shown
    assert contact_of(match, giver) is None
    assert taker.phone not in client_of(giver).get("/r/gatherings/skills/").content.decode()
    square.step(match, "rate", by=taker, stars=5, words="教得好")
    with pytest.raises(Conflict):
        square.step(match, "rate", by=taker, stars=1)
    # nothing of it is in the history, and staff see no contact
    payloads = str([one.payload for one in Event.objects.all()])
    assert taker.phone not in payloads and "二胡" not in payloads and "教得好" not in payloads
    staff = client_of(square.organiser)
    seen = staff.get(f"/admin/property/skillmatch/{match.pk}/change/").content.decode()
    seen += str(staff.get(f"/api/v1/skill-matches/{match.pk}/").json())
    assert taker.phone not in seen
    # but how it was, which who keeps the place reads
    assert "5 ★ 教得好" in seen and staff.get(f"/api/v1/skill-matches/{match.pk}/").json()["taker_stars"] == 5


@pytest.mark.django_db
def test_either_may_refuse_without_a_reason_and_nobody_is_asked_twice(square, pair):
    giver, taker, offer, want = pair
    match = match_propose(actor=taker, offer=offer, want=want)
    match = square.step(match, "refuse", by=giver)
    assert match.state == "refused" and suggestions_of(offer, TODAY) == []
    with pytest.raises(Conflict):
        match_propose(actor=taker, offer=offer, want=want)


@pytest.mark.django_db
def test_a_proposal_ends_with_an_entry_and_wrong_entries_are_refused(square, pair):
    giver, taker, offer, want = pair
    match = match_propose(actor=square.organiser, offer=offer, want=want)
    assert match.giver_confirmed_at is None and match.taker_confirmed_at is None
    square.step(want, "withdraw", by=taker)
    match.refresh_from_db()
    assert match.state == "refused"
    music = SkillCategory.objects.get(code="music")
    for field, given in (
        ("title", {"title": "  "}),
        ("about", {"title": "二胡", "about": "电话 139 0000 0077"}),
        ("title", {"title": "加我a@b"}),
        ("about", {"title": "二胡", "about": "电话１３９-0000·0077"}),
        ("about", {"title": "二胡", "about": "加微信号：erhu_66"}),
        ("valid_from", {"title": "二胡", "valid_from": date(9999, 12, 31)}),
        ("valid_to", {"title": "二胡", "valid_to": date(2028, 1, 1)}),
        ("ends", {"title": "二胡", "starts": time(10), "ends": time(9)}),
        ("valid_to", {"title": "二胡", "valid_to": date(2026, 1, 1)}),
        ("minutes", {"title": "二胡", "minutes": 5}),
    ):
        with pytest.raises(Invalid) as refused:
            skill_add(actor=giver, side="offer", category=music, **given)
        assert refused.value.field == field
    with pytest.raises(NotPermitted):
        skill_add(actor=square.city.user("resident"), side="offer", category=music, title="二胡")
    assert SkillMatch.objects.count() == 1


@pytest.mark.django_db
def test_entries_end_and_who_wrote_one_that_is_taken_down_is_told(square, pair):
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0008_gathering_notices.json"), verbosity=0)
    giver, taker, offer, want = pair
    assert (offer.valid_to - TODAY).days == 183
    with time_machine.travel(NOW + timedelta(days=184), tick=False):
        assert suggestions_of(offer, timezone.localdate()) == []
        with pytest.raises(Conflict):
            match_propose(actor=giver, offer=offer, want=want)
    # 微信 is a skill too
    skill_add(actor=giver, side="offer", category=offer.category, title="教用微信（WeChat）2小时，周六9:00-11:00")
    square.step(offer, "take_down", reason="广告")
    told = Notice.objects.get(person=giver)
    assert "乐器" in told.title and told.url == f"/r/gatherings/skills/{offer.pk}/"
    assert not Notice.objects.filter(person=taker).exists()


@pytest.mark.django_db
def test_who_keeps_the_place_proposes_what_fits_through_admin_and_api(square, pair):
    giver, taker, offer, want = pair
    staff = client_of(square.organiser)
    page = f"/admin/property/skillentry/{want.pk}/change/"
    propose = f"/admin/property/skillentry/{want.pk}/propose/{offer.pk}/"
    assert f'action="{propose}"' in staff.get(page).content.decode()
    body = {"offer": offer.pk, "want": want.pk}
    for role in ("administrator", "grid_worker", "property_manager"):
        refused = client_of(square.city.user(role))
        assert refused.post(propose, format="multipart").status_code in (302, 403, 404)
        assert refused.post("/api/v1/skill-matches/", body).status_code in (400, 403)
    assert client_of(giver).post("/api/v1/skill-matches/", body).status_code == 400
    assert not SkillMatch.objects.exists()
    made = staff.post("/api/v1/skill-matches/", body)
    assert made.status_code == 201 and made.json()["giver_confirmed_at"] is None
    SkillMatch.objects.all().delete()
    assert staff.post(propose, format="multipart").status_code == 302
    assert SkillMatch.objects.get().state == "proposed"
    assert staff.post(propose, format="multipart").status_code == 409


@pytest.mark.django_db
def test_the_doors_of_residents_lead_through_an_exchange(square, pair):
    giver, taker, offer, want = pair
    api = client_of(taker)
    body = {"side": "want", "category": "repair", "title": "修凳子", "weekdays": [0]}
    assert api.post("/api/v1/me/skills/", body, content_type="application/json").status_code == 201
    assert [one["title"] for one in api.get("/api/v1/me/skills/").json()["results"]] == ["修凳子", "想学二胡"]
    found = api.get(f"/api/v1/me/skills/{want.pk}/suggestions/").json()
    assert [one["entry"]["id"] for one in found] == [offer.pk] and "同类技能" in found[0]["why"]
    assert api.get(f"/api/v1/me/skills/{offer.pk}/suggestions/").status_code == 404
    made = api.post("/api/v1/me/skill-matches/", {"offer": offer.pk, "want": want.pk})
    assert made.status_code == 201 and made.json()["contact_phone"] == ""
    address = f"/api/v1/skill-matches/{made.json()['id']}/transitions/confirm/"
    assert client_of(square.neighbours[1]).post(address).status_code == 404
    assert client_of(giver).post(address).json()["state"] == "confirmed"
    assert api.get("/api/v1/me/skill-matches/").json()["results"][0]["contact_name"] == str(giver)
