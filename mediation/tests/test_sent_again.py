"""``Idempotency-Key`` where few may read: no answer is kept; a request sent again is answered as its caller may read by
then, and that reading is written down like any other."""

import pytest

from cases.tests.api import client_of
from governance.api.idempotency import ReadsAgain
from governance.models import IdempotencyRecord
from governance.scoping import forget_grants
from governance.workflow import act
from mediation.api.kept import KeptRows
from mediation.api.signals import SignalViewSet
from mediation.api.urls import router
from mediation.api.warning import EarlyWarningViewSet, HotIssueViewSet
from mediation.disputes.recusals import recusal_ask, recusal_uphold
from mediation.files.tests.test_files import scan
from mediation.joint.tests.work import Work
from mediation.models import DisputeAccess, MediationNote

pytestmark = pytest.mark.django_db
API = "/api/v1/mediation/"
WORDS = "何秀英私下说愿意各让一步"


@pytest.fixture
def work(county) -> Work:
    """The county with what joint work needs."""
    return Work(county)


def send(user, url: str, body: dict, key: str = "k1", **options):
    return client_of(user).post(API + url, body, headers={"Idempotency-Key": key}, **({"format": "json"} | options))


def kept() -> list:
    return [record.answer for record in IdempotencyRecord.objects.all()]


def step_aside(county, dispute) -> None:
    """Let the mediator step aside; somebody else of the unit mediates."""
    recusal = recusal_ask(dispute, actor=county.mediator, ground="interest")
    recusal_uphold(recusal, actor=county.mediator, mediator=county.people["colleague"])


def only_ids(body) -> bool:
    """Whether what is kept of an answer is ids, in its shape."""
    return all(map(only_ids, body)) if isinstance(body, list) else set(body) <= {"id"}


def test_a_caucus_note_is_read_again_by_who_may_and_each_reading_is_recorded(county):
    # given a note of a caucus, written with a key
    dispute = county.mediating()
    body = {"dispute": dispute.number, "kind": "caucus", "text": WORDS}
    first = send(county.mediator, "notes/", body)
    note = MediationNote.objects.get()
    # then nothing of its words is kept beside it
    assert first.status_code == 201 and kept() == [{"id": note.pk}]
    # when its writer sends it again, the answer is the same and is one more reading
    again = send(county.mediator, "notes/", body)
    assert (again.status_code, again.json(), again["Idempotent-Replay"]) == (201, first.json(), "true")
    read = DisputeAccess.objects.filter(person=county.mediator, what=f"mediation.mediationnote {note.pk}")
    assert read.count() == 2 and MediationNote.objects.count() == 1
    # when the writer has stepped aside, no door tells it any more, this one neither
    step_aside(county, dispute)
    assert client_of(county.mediator).get(f"{API}notes/{note.pk}/").status_code == 404
    answer = send(county.mediator, "notes/", body)
    assert (answer.status_code, answer["Idempotent-Replay"]) == (404, "true")
    assert WORDS not in answer.content.decode() and read.count() == 2


def test_a_step_sent_again_is_not_done_again_and_tells_only_what_may_be_read_by_then(work):
    # given a department that answered its task
    task = work.make_departmenttask()
    url, body = f"tasks/{task.pk}/transitions/answer/", {"answer": "由业主共同维修"}
    department = work.user("joint_department")
    first = send(department, url, body)
    assert first.status_code == 200 and send(department, url, body).json() == first.json()
    assert kept() == [{"id": task.pk}]
    # when the centre has closed it, the department reads it no more
    task.refresh_from_db()
    act(task, "close", actor=work.user("county_centre"))
    assert send(department, url, body).status_code == 404


def refused(county):
    """A dispute that was declined because a party does not want to be mediated."""
    dispute = county.in_state("awaiting_consent")
    county.consent(dispute.parties.last(), "refused")
    dispute.refresh_from_db()
    return county.step(dispute, "decline", ground="party_refused")


def bodies(work) -> list:
    """Return who sends what where: a creating request of each kind."""
    county, mediator = work.county, work.county.mediator
    dispute, raised = county.mediating(), work.raised("major")
    party = dispute.parties.first()
    others, helper = raised.parties.first(), work.make_respectedhelper()
    day, under = "2026-06-09", f"disputes/{dispute.pk}/"
    return [
        (mediator, "disputes/", {"area": county.area("community").code, "source": "application", "type": "neighbours",
                                 "title": "围墙", "facts": WORDS}),
        (mediator, f"{under}parties/", {"side": "respondent", "name": "钱多多"}),
        (mediator, f"{under}consents/", {"party": party.pk, "what": "extension", "answer": "agreed", "how": "oral",
                                         "until": "2026-07-30"}),
        (mediator, f"{under}police-reports/", {"ground": "crime", "words": WORDS}),
        (mediator, f"disputes/{refused(county).pk}/routes/", {"how": "oral"}),
        (mediator, "sittings/", {"dispute": dispute.number, "kind": "on_site", "place": "何家",
                                 "starts_at": f"{day}T10:00:00+08:00", "ends_at": f"{day}T11:00:00+08:00"}),
        (mediator, "helper-invitations/", {"dispute": dispute.number, "helper": helper.pk, "summary": WORDS,
                                           "until": day}),
        (mediator, "counselling/", {"dispute": dispute.pk, "party": party.pk}),
        (mediator, "takeovers/", {"dispute": dispute.number, "direction": "up", "reason": WORDS}),
        (mediator, "hazards/", {"words": WORDS, "area": county.area("community").code}),
        (county.user("county_centre"), "tasks/", {"dispute": raised.number, "units": ["municipal", "police"],
                                                  "facts": WORDS, "question": "谁修?", "answer_by": day}),
        (county.user("county_centre"), "tracks/", {"dispute": raised.number, "kind": "administrative",
                                                   "organ": "police", "briefing": WORDS}),
        (county.user("township_mediator"), f"{under}glass/", {"reason": "接到群众反映，需核实"}),
        (county.people["neighbour"], f"own/{others.pk}/say/", {"say": "recuse", "ground": "interest"}),
        (mediator, f"{under}recusals/", {"ground": "interest", "party": party.pk}),
    ]  # fmt: skip


def test_every_kind_of_creating_request_is_answered_alike_and_keeps_only_ids(work):
    refused = []
    for user, url, body in bodies(work):
        first, again = (send(user, url, body) for _ in range(2))
        if first.status_code not in (200, 201) or again["Idempotent-Replay"] != "true":
            refused.append((url, first.status_code, first.content.decode()[:200]))
        elif first.status_code != again.status_code or first.json() != again.json():
            refused.append((url, again.status_code, first.json(), again.json()))
    assert not refused, refused
    # what was added under a dispute is told again as one more reading of it
    for model in ("party", "consent", "recusal", "policereport"):
        assert DisputeAccess.objects.filter(what__regex=rf"^mediation\.{model} [0-9]+$").count() == 1, model
    assert len(kept()) == 15 and all(only_ids(body) for body in kept()), kept()


def test_a_file_sent_again_is_a_reading_of_it(county):
    dispute = county.mediating()
    url = f"disputes/{dispute.pk}/files/"
    answers = [send(county.mediator, url, {"kind": "other", "files": [scan()]}, format="multipart") for _ in range(2)]
    assert answers[0].json() == answers[1].json() and kept() == [{"id": answers[0].json()["id"]}]
    assert DisputeAccess.objects.filter(what__startswith="mediation.disputefile ").count() == 1
    step_aside(county, dispute)
    assert send(county.mediator, url, {"kind": "other", "files": [scan()]}, format="multipart").status_code == 404


def test_a_glass_sent_again_after_another_right_has_ended_is_not_told(county):
    """Who left the area reads nothing of it, not even that they once looked."""
    dispute, actor = county.mediating(), county.user("township_mediator")
    url, body = f"disputes/{dispute.pk}/glass/", {"reason": "接到群众反映，需核实"}
    assert send(actor, url, body).status_code == 201
    actor.appointments.update(valid_to="2026-06-01")
    forget_grants(actor)
    assert send(actor, url, body).status_code == 404


def test_no_answer_of_a_row_that_few_may_read_is_kept():
    """What keeps answers here holds no words of a dispute: lists of the administration, and places × types."""
    keeps = (KeptRows, SignalViewSet, EarlyWarningViewSet, HotIssueViewSet)
    for _prefix, viewset, _basename in router.registry:
        asked = [name for name in dir(viewset) if getattr(getattr(viewset, name), "idempotent", False)]
        assert not asked or issubclass(viewset, ReadsAgain) or issubclass(viewset, keeps), viewset
