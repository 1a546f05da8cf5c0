"""Cases that belong together, photos and closing, appeals, what reporters of merged reports see and say."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from cases import closing
from cases.closing import photo_checks
from cases.duplicates import likely_duplicates, words_in_common
from cases.feedback import case_rate
from cases.models import AppealOpinion, Case, CaseCategory, CaseReporter, CaseUnit, DuplicateRule
from cases.tests.api import client_of, in_state, url_of
from cases.timeline import public_progress
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Appointment, Event, Role, User
from governance.photos import inspect_upload
from governance.testing import snapshot
from governance.workflow import act

PUBLIC = "/api/v1/public/reports/"


def photo(*, at=None, place=None):
    """An upload whose camera says when and where."""
    exif = Image.Exif()
    if at is not None:
        local = timezone.localtime(at)
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = local.strftime("%Y:%m:%d %H:%M:%S")
    if place is not None:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (place[1], 0.0, 0.0), 3: "E", 4: (place[0], 0.0, 0.0)})
    file = io.BytesIO()
    Image.new("RGB", (32, 24), "gray").save(file, "JPEG", exif=exif)
    return inspect_upload(file.getvalue())


def names(case) -> list[str]:
    rows = Event.objects.filter(subject_type="cases.case", subject_id=case.pk)
    return list(rows.order_by("id").values_list("name", flat=True))


# Duplicates


@pytest.mark.parametrize(("given_other", "likely"), [
    ({}, True),
    ({"category": None, "description": "路边井盖歪了"}, True),
    ({"category": None, "description": "垃圾没人收"}, False),
    ({"longitude": 112.9056}, False),  # 59 m east
    ({"reported": timedelta(hours=25)}, False),
    ({"longitude": None, "latitude": None, "area": "grid"}, False),
    ({"longitude": None, "latitude": None, "area": "grid", "description": "人行道井盖歪了"}, True),
])  # fmt: skip
def test_what_is_near_soon_and_of_the_same_kind_is_likely_the_same(city, given_other, likely):
    # given a report of a tilted cover and another
    area = given_other.pop("area", None)
    earlier = given_other.pop("reported", timedelta(minutes=30))
    values = {"category": city.category, "description": "有问题请看看"} | given_other
    if area:
        values["area"] = city.area(area)
    first = city.report(occurred_at=timezone.now() - earlier, **values)
    case = city.report(category=city.category, description="人行道井盖歪了")
    # when somebody looks for what it repeats
    found = likely_duplicates(case, city.user("registrar"))
    # then the first is shown if it is like it
    assert [row.case for row in found] == ([first] if likely else [])


def test_another_sub_class_is_something_else_and_a_rule_of_the_class_counts(city):
    other = CaseCategory.objects.create(scheme="test", scheme_version="1", code="0102", name="箅子", kind="component",
                                        parent=city.category.parent)  # fmt: skip
    city.report(category=other)
    near = city.report(category=city.category, longitude=112.9056)
    case = city.report(category=city.category)
    assert likely_duplicates(case, city.user("registrar")) == []
    # when the class says that 100 m are near enough
    DuplicateRule.objects.create(category=city.category.parent, metres=100)
    assert [row.case for row in likely_duplicates(case, city.user("registrar"))] == [near]


def test_nobody_is_shown_a_case_they_may_not_see(city):
    city.report(category=city.category)
    case = city.report(category=city.category)
    assert likely_duplicates(case, city.outsider("registrar")) == []
    assert likely_duplicates(in_state(city, "cancelled"), city.user("registrar")) == []


@given(st.text(max_size=30), st.text(max_size=30))
def test_words_in_common_is_a_share(one, other):
    share = words_in_common(one, other)
    assert 0 <= share <= 1 and share == words_in_common(other, one)
    assert words_in_common("井盖歪了", "井盖歪了") == 1


def test_the_page_shows_both_side_by_side_and_merges(city):
    first, case = city.report(category=city.category), city.report(category=city.category, description="井盖翘起来")
    client = Client()
    client.force_login(city.user("registrar"))
    page = client.get(f"/admin/cases/case/{case.pk}/duplicates/").content.decode()
    assert first.number in page and case.number in page and "确认重复" in page
    answer = client.post(f"/admin/cases/case/{case.pk}/transition/merge/", {"into": first.number, "version": 0})
    assert answer.status_code == 302
    case.refresh_from_db()
    assert (case.state, case.merged_into) == ("merged", first)
    assert client_of(city.outsider("registrar")).get(f"/admin/cases/case/{case.pk}/duplicates/").status_code == 404


# Merging


@pytest.fixture
def merged(city):
    """Two residents reported the same; the second report was merged into the first, which is being handled."""
    first = in_state(city, "handling")
    resident = city.outsider("resident")
    second = city.report(actor=resident, reporter=resident, reporter_name="李四", reporter_phone="13900001111")
    second = act(second, "merge", actor=city.user("registrar"), into=first)
    return first, second


def test_both_reporters_are_kept_told_asked_and_may_answer(city, merged):
    first, second = merged
    # then both keep their reporters, and the second follows the first's progress with their own token
    assert CaseReporter.objects.filter(case=second).get().name == "李四"
    told = public_progress(Case.objects.followed().get(pk=second.pk))
    assert told["state"] == "handling" and told["unit"] == city.municipal.name
    assert [step["name"] for step in told["steps"]][:2] == ["case.reported", "case.merged"]
    # when the first is closed
    first = act(first, "submit", actor=city.user("handler"), result="好了")
    first = act(first, "inspect", actor=city.user("grid_worker"))
    first = act(first, "close", actor=city.user("registrar"))
    # then both are asked, and each answers once with the own token
    asked = Event.objects.filter(name="case.feedback_asked").values_list("subject_id", flat=True)
    assert set(asked) == {first.pk, second.pk}
    assert client_of().get(f"{PUBLIC}{second.token}/").json()["can_rate"]
    body = {"score": 2, "solved": "no", "comment": "又坏了"}
    assert client_of().post(f"{PUBLIC}{second.token}/rating/", body).status_code == 201
    assert client_of().post(f"{PUBLIC}{second.token}/rating/", body).status_code == 409
    case_rate(first, actor=city.user("resident"), score=5, solved="yes")
    # when the second opens it again, then the first goes on
    second = Case.objects.followed().get(pk=second.pk)
    reopened = act(second, "reopen", actor=city.outsider("resident"), reason="又歪了")
    assert (reopened.pk, reopened.state) == (first.pk, "reopened")
    assert Event.objects.filter(name="case.reopened").latest("id").payload["by_merged"] == second.number


def test_a_stranger_reopens_nothing_through_a_merged_report(city, merged):
    first, second = merged
    for name, role in (("submit", "handler"), ("inspect", "grid_worker"), ("close", "registrar")):
        first = act(first, name, actor=city.user(role), **({"result": "好"} if name == "submit" else {}))
    second = Case.objects.followed().get(pk=second.pk)
    before = snapshot(first)
    with pytest.raises(NotPermitted):
        act(second, "reopen", actor=city.user("resident"), reason="我也要")
    assert snapshot(first) == before


def test_reports_merged_before_go_along(city, merged):
    first, second = merged
    main = city.report()
    act(first, "merge", actor=city.user("registrar"), into=main)
    second.refresh_from_db()
    assert second.merged_into == main
    assert not CaseUnit.objects.filter(case=first).exists()


@pytest.mark.parametrize("wrong", ["itself", "ended", "elsewhere"])
def test_merging_into_the_wrong_case_changes_nothing(city, wrong):
    case = city.report()
    into = {
        "itself": lambda: case,
        "ended": lambda: in_state(city, "closed"),
        "elsewhere": lambda: city.report(longitude=city.other_point[0], latitude=city.other_point[1]),
    }[wrong]()
    who = city.user("registrar")
    if wrong == "elsewhere":  # a registrar of the first street only
        Appointment.objects.filter(user=who).update(area=city.street)
        who = User.objects.get(pk=who.pk)
    before = snapshot(case), snapshot(into)
    with pytest.raises((Invalid, Conflict, NotPermitted)):
        act(case, "merge", actor=who, into=into)
    assert (snapshot(case), snapshot(into)) == before


def test_a_whole_is_closed_after_its_parts(city):
    # given a case with a part that is still open
    whole = in_state(city, "inspected")
    part = act(city.report(), "attach", actor=city.user("dispatcher"), parent=whole)
    before = snapshot(whole)
    with pytest.raises(Conflict) as refusal:
        act(whole, "close", actor=city.user("registrar"))
    assert part.number in str(refusal.value.detail) and snapshot(whole) == before
    # when the part is cancelled, then the whole closes
    act(part, "cancel", actor=city.user("registrar"), reason="重复")
    assert act(whole, "close", actor=city.user("registrar")).state == "closed"


def test_parts_have_no_parts(city):
    whole, part, other = city.report(), city.report(), city.report()
    part = act(part, "attach", actor=city.user("registrar"), parent=whole)
    for case, parent in ((other, part), (whole, other), (part, part)):
        with pytest.raises(Invalid):
            act(case, "attach", actor=city.user("registrar"), parent=parent)
    assert act(part, "attach", actor=city.user("registrar"), parent=None).parent is None


# Photos and closing


@pytest.fixture
def strict(city):
    """The standard asks for photos, a confirmed closing condition, and one inspection in ten."""
    city.standard.photo_before = city.standard.photo_after = True
    city.standard.inspection_share, city.standard.closing_condition = Decimal("0.10"), "井盖复位"
    city.standard.save()
    return city


def begun(city):
    return act(
        city.open(longitude=city.point[0], latitude=city.point[1]),
        "start",
        actor=city.user("handler"),
        photos=[photo()],
    )


def test_photos_are_asked_for_before_and_after(strict):
    case = strict.open()
    before = snapshot(case)
    with pytest.raises(Invalid) as refusal:
        act(case, "start", actor=strict.user("handler"))
    assert refusal.value.field == "photos" and snapshot(case) == before
    case = act(case, "start", actor=strict.user("handler"), photos=[photo()])
    with pytest.raises(Invalid) as refusal:
        act(case, "submit", actor=strict.user("handler"), result="好了")
    assert refusal.value.field == "photos"


@pytest.mark.parametrize(("drawn", "good", "state"), [
    (0.5, True, "inspected"), (0.05, True, "submitted"), (0.5, False, "submitted"), (0.05, False, "submitted"),
])  # fmt: skip
def test_chance_and_the_photos_decide_whether_somebody_looks(strict, monkeypatch, drawn, good, state):
    # given a tenth of results inspected on site, and a photo of the place after the dispatch, or a far one
    monkeypatch.setattr(closing.chance, "random", lambda: drawn)
    case = begun(strict)
    taken = photo(at=timezone.now() + timedelta(seconds=2), place=strict.point if good else (113.0, 28.0))
    # when the unit submits
    case = act(case, "submit", actor=strict.user("handler"), result="好了", photos=[taken])
    # then it passes on the photo only when not drawn and the photo is good; the draw is on record
    assert case.state == state
    if state == "inspected":
        payload = Event.objects.get(name="case.inspected", subject_id=case.pk).payload
        assert (payload["drawn"], payload["share"], payload["photos_good"]) == (0.5, "0.10", True)
    check = photo_checks(case)[0]
    assert check.good is good and check.far is not good


def test_a_photo_from_before_the_dispatch_or_without_a_word_is_shown_as_such(strict):
    case = begun(strict)
    old = photo(at=timezone.now() - timedelta(days=1), place=strict.point)
    case = act(case, "submit", actor=strict.user("handler"), result="好了", photos=[old, photo()])
    early, silent = photo_checks(case)
    assert (early.early, early.far, early.good) == (True, False, False)
    assert (silent.early, silent.far, silent.metres) == (None, None, None)
    assert "早于派遣" in early.text and "未记录" in silent.text
    assert [row["early"] for row in client_of(strict.user("registrar")).get(url_of(case)).json()["photo_checks"]] == [
        True, None,
    ]  # fmt: skip


def test_where_a_resident_stood_is_not_kept(city):
    case = in_state(city, "closed")
    body = {"reason": "又坏了", "photos": [_file(photo_bytes(place=(112.9, 28.2)))]}
    assert client_of().post(f"{PUBLIC}{case.token}/reopen/", body, format="multipart").status_code in (200, 201)
    rows = Event.objects.filter(name="case.reopened").get().attachments.all()
    assert [(row.longitude, row.taken_at) for row in rows] == [(None, None)]


def photo_bytes(place):
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (place[1], 0.0, 0.0), 3: "E", 4: (place[0], 0.0, 0.0)})
    file = io.BytesIO()
    Image.new("RGB", (32, 24), "gray").save(file, "JPEG", exif=exif)
    return file.getvalue()


def _file(data):
    file = io.BytesIO(data)
    file.name = "a.jpg"
    return file


def test_the_closing_condition_is_confirmed(strict, monkeypatch):
    monkeypatch.setattr(closing.chance, "random", lambda: 0.01)
    case = act(begun(strict), "submit", actor=strict.user("handler"), result="好了", photos=[photo()])
    case = act(case, "inspect", actor=strict.user("grid_worker"))
    client = client_of(strict.user("registrar"))
    refused = client.post(url_of(case, "transitions/close/"), {}, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, "closing_condition_met")
    assert (
        client.post(url_of(case, "transitions/close/"), {"closing_condition_met": True}, format="json").json()["state"]
        == "closed"
    )


def test_only_small_things_are_dealt_with_on_the_spot(city):
    big = CaseCategory.objects.create(scheme="test", scheme_version="1", code="0103", name="路面", kind="component")
    case = city.report()
    before = snapshot(case)
    with pytest.raises(Invalid) as refusal:
        act(case, "dispose", actor=city.user("community_staff"), category=big, result="自己填了")
    assert refusal.value.field == "category" and snapshot(case) == before
    case = act(case, "dispose", actor=city.user("community_staff"), category=city.category, result="当场扶正")
    assert (case.state, case.result) == ("closed", "当场扶正")


# Appeals


@pytest.fixture
def second_reviewer(city):
    user = User.objects.create(username="centre.two", name="二号", is_staff=True)
    Appointment.objects.create(user=user, unit=city.centre, role=Role.OPERATIONS_CENTRE, area=city.city)
    return user


@pytest.mark.parametrize(("one", "other", "outcome"), [
    (True, True, "upheld"), (True, False, "refused"), (False, True, "refused"), (False, False, "refused"),
])  # fmt: skip
def test_an_appeal_is_upheld_when_both_reviewers_say_so(city, second_reviewer, one, other, outcome):
    case = in_state(city, "appealed")
    centre = city.user("operations_centre")
    case = act(case, "review_appeal", actor=centre, upholds=one, reason="看过")
    assert case.appeal_state == "filed"
    # the same person does not give the other opinion
    with pytest.raises(Conflict):
        act(case, "review_appeal", actor=centre, upholds=other, reason="再看")
    case = act(case, "review_appeal", actor=second_reviewer, upholds=other, reason="看过")
    assert case.appeal_state == outcome
    assert names(case)[-1] == f"case.appeal_{outcome}"
    # and nobody appeals twice
    with pytest.raises(Conflict):
        act(case, "appeal", actor=city.user("handler"), ground="rating", reason="还要")
    assert AppealOpinion.objects.count() == 2
