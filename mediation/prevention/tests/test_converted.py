"""A hazard becomes a dispute: what is asked then, and who reads the hazard from then on."""

import json
from datetime import timedelta

import pytest

from governance.attachments import attach
from governance.live.audience import view
from governance.live.journal import Occurrence
from governance.models import AttachmentPurpose, Event
from governance.photos import inspect_upload
from governance.testing import assert_relation_forms_agree, snapshot
from governance.tests.test_photos import encoded, picture
from governance.workflow import act
from mediation.joint.sittings import sitting_plan
from mediation.models import Dispute, DisputeAccess, Hazard
from mediation.prevention.tests.test_doors import API, client
from mediation.prevention.tests.village import WORDS, hazard, step
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("door", ["admin", "api", "phone"])
@pytest.mark.parametrize(("said", "domestic"), [("true", True), ("false", False)])
@pytest.mark.parametrize("type_", ["marriage_family", "neighbours"])
def test_violence_is_said_to_be_domestic_or_not_when_it_is_registered(county, door, said, domestic, type_):
    # given a quarrel with signs of violence that the mediator assessed, of whatever type
    found = hazard(county, words="吵架，听见打人的声音")
    found = act(found, "assess", actor=county.mediator, type=county.type(type_), violence=True)
    given = {"type": type_, "title": "争吵动手"}
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
    """Those without signs of violence; and it may be said all the same."""
    desk = client(county, "village_mediator")
    for type_, violence, said in (
        ("marriage_family", False, ""),
        ("neighbours", False, "true"),
    ):
        found = act(hazard(county), "assess", actor=county.mediator, type=county.type(type_), violence=violence)
        body = {"type": type_, "title": "吵架", "domestic_violence": said}
        page = f"/admin/mediation/hazard/{found.pk}/transition/convert/"
        assert desk.post(page, body, format="multipart").status_code == 302
        made = Dispute.objects.latest("id")
        assert (made.violence, made.domestic_violence) == (violence or bool(said), bool(said))


def converted(county, **given):
    """A grave hazard that became a general dispute of the village."""
    return step(county, grave(county, **given), "convert")


def grave(county, **given):
    """One that was assessed to be grave."""
    return step(county, hazard(county, **given), "assess", violence=True, finding="有人动手")


def photos_of(county, found):
    """Return a photo of the report, and one the mediator took later."""
    given = [(AttachmentPurpose.REPORT, county.user("grid_worker")), (AttachmentPurpose.EVIDENCE, county.mediator)]
    return [
        attach(found, [inspect_upload(encoded(picture()))], purpose=purpose, actor=actor)[0].pk
        for purpose, actor in given
    ]


def test_a_grave_hazard_is_no_back_door_to_the_general_dispute_it_became(county):
    # given a grave hazard that the township reads
    found = grave(county)
    township = county.user("township_mediator")
    assert list(Hazard.objects.read_by(township)) == [found] == list(Hazard.objects.kept_by(township))
    # when it became a general dispute of the village
    found = step(county, found, "convert")
    report, later = photos_of(county, found)
    # then the township knows number, place and outcome, and opens nothing of it
    assert not Hazard.objects.visible_to(township).exists() and list(Hazard.objects.listed_to(township)) == [found]
    desk, before = client(county, "township_mediator"), DisputeAccess.objects.count()
    row = desk.get(f"{API}/hazards/listed/").json()["results"][0]
    assert (row["number"], row["state"]) == (found.number, "converted") and WORDS not in str(row)
    for url in (f"{API}/hazards/{found.pk}/", f"/m/hazards/{found.pk}/", f"/files/{report}/", f"/files/{later}/",
                f"/admin/mediation/hazard/{found.pk}/change/"):  # fmt: skip
        answer = desk.get(url)
        assert answer.status_code in (302, 404) and WORDS not in answer.content.decode(), url
    assert WORDS not in desk.get("/admin/mediation/hazard/").content.decode()
    assert DisputeAccess.objects.count() == before
    # and once the dispute is one of the township's, its hazard is too
    Dispute.objects.filter(pk=found.dispute_id).update(tier="complex")
    assert list(Hazard.objects.read_by(county.user("township_mediator"))) == [found]
    assert desk.get(f"{API}/hazards/{found.pk}/").status_code == 200
    assert DisputeAccess.objects.latest("pk").role == "township_mediator"


def test_reading_a_hazard_that_became_a_dispute_is_written_down_at_every_door(county):
    found, open_one = converted(county), hazard(county)
    report, later = photos_of(county, found)
    desk = client(county, "village_mediator")
    doors = (f"{API}/hazards/{{}}/", "/m/hazards/{}/", "/admin/mediation/hazard/{}/change/")
    for url in doors:
        before = DisputeAccess.objects.count()
        assert WORDS in desk.get(url.format(open_one.pk)).content.decode()
        assert DisputeAccess.objects.count() == before, "of no dispute"
        assert WORDS in desk.get(url.format(found.pk)).content.decode(), url
        row = DisputeAccess.objects.latest("pk")
        assert DisputeAccess.objects.count() == before + 1, url
        assert (row.dispute_id, row.person, row.role, row.kind, row.what) == (
            found.dispute_id, county.mediator, "village_mediator", "read", f"mediation.hazard {found.pk}",
        )  # fmt: skip
    for photo in (report, later):
        answer = desk.get(f"/files/{photo}/")
        assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-store"
        assert DisputeAccess.objects.latest("pk").kind == "exported"
    assert DisputeAccess.objects.count() == len(doors) + 2
    # lists show none of its words, and write nothing down
    rows = {row["id"]: row for row in desk.get(f"{API}/hazards/").json()["results"]}
    assert (rows[found.pk]["words"], rows[found.pk]["finding"], rows[open_one.pk]["words"]) == ("", "", WORDS)
    assert rows[found.pk]["dispute"] == found.dispute.number and DisputeAccess.objects.count() == len(doors) + 2


def test_who_reported_it_opens_the_own_photos_not_those_taken_later(county):
    found = converted(county)
    report, later = photos_of(county, found)
    worker = client(county, "grid_worker")
    assert worker.get(f"/files/{report}/").status_code == 200
    row = DisputeAccess.objects.get()
    assert (row.person.username, row.role, row.kind) == ("grid_worker", "resident", "exported")
    assert worker.get(f"/files/{later}/").status_code == 404 and DisputeAccess.objects.count() == 1
    # the own list tells the outcome; the own words are on the page of it, which is written down
    assert WORDS not in worker.get("/m/hazards/").content.decode()
    mine = worker.get(f"{API}/hazards/mine/").json()["results"]
    assert [(one["number"], one["state"], one["words"]) for one in mine] == [(found.number, "converted", "")]
    assert DisputeAccess.objects.count() == 1
    assert WORDS in worker.get(f"/m/hazards/{found.pk}/").content.decode() and DisputeAccess.objects.count() == 2


def test_the_committee_of_the_dispute_reads_it_and_relations_agree(county):
    converted(county), hazard(county, violence=True), converted(county)
    Dispute.objects.filter(pk=Dispute.objects.latest("pk").pk).update(tier="complex")
    assert_relation_forms_agree(Hazard.objects.with_rows(), list(county.people.values()))


def test_the_live_push_tells_who_reported_it_the_outcome_alone(county):
    # given a hazard that was assessed, and became a dispute
    found = step(county, hazard(county), "assess", people=7, violence=True, urgency="urgent")
    found = step(county, found, "convert")
    rows = [
        Occurrence(row.pk, 0, row.name, row.subject_type, row.subject_id, row.payload, row.occurred_at)
        for row in Event.objects.filter(subject_type="mediation.hazard")
    ]
    # when who reported it, and who keeps it, hear of it
    for key in ("grid_worker", "village_mediator"):
        user = county.user(key)
        pushed = view(rows, [(user.pk, "zh-hans")])
        messages = [pushed.texts["zh-hans"][event] for event in sorted(pushed.visible[user.pk])]
        # then number and states are told: nothing of what was assessed, and not which dispute it became
        told = [(json.loads(text)["name"], json.loads(text)["payload"]) for text in messages]
        assert told == [
            ("hazard.reported", {"to": "reported"}), ("hazard.assessed", {"from": "reported", "to": "assessed"}),
            ("hazard.converted", {"from": "assessed", "to": "converted"}),
        ], key  # fmt: skip
        assert found.number in messages[0] and found.dispute.number not in "".join(messages)
