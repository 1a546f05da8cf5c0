"""Who sees what (domain/mediation.md): every role × every dispute: rows, exports, search, live push, papers, calendars.

The doors themselves are walked in ``test_walk_doors.py``; who may see what is said in ``placing.py``.
"""

import io
import json

import openpyxl
import pytest
from django.apps import apps
from django.contrib import admin

from cases.tests.api import client_of
from governance.attachments import attachments_of
from governance.calendar_feeds import feed_make
from governance.calendar_pages import calendar_text
from governance.errors import NotPermitted, Refused
from governance.live.audience import view
from governance.live.descriptions import _describers
from governance.live.journal import Occurrence
from governance.models import Appointment, Event, Notice, Role
from mediation.agreements.documents.papers import PAPERS, file_take, paper_take
from mediation.disputes.querysets import READS, SUPERVISES
from mediation.models import Dispute, DisputeAccess, MediationNote
from mediation.tests import placing
from mediation.tests.papers import text_of
from mediation.tests.scene import NOT_HELD, SHOWN, a_scene, found_in, plain_refusals

pytestmark = pytest.mark.django_db
# Roles whose rule lets them read rows of a dispute beside those who read the dispute itself, and why.
BESIDES = {
    "mediation.disputeaccess": SUPERVISES,  # who read what
    "mediation.judicialconfirmation": {"judges_clerk"},  # once applied for, at the own court
    "mediation.track": {"joint_department", "judges_clerk"},  # the own organ's track
    "mediation.disputefile": {"joint_department", "judges_clerk"},  # documents of the own track; what the court reads
    "mediation.departmenttask": {"joint_department"},  # the task and the facts it needs, until closed
    "mediation.formerresult": {"joint_department", "judges_clerk"},  # what stood there before, with the own track
    "mediation.formeranswer": {"joint_department"},  # what it answered before, with the task
    "mediation.escalationrequest": {"village_mediator", "township_mediator", "county_centre"},
    "mediation.helperinvitation": {"respected_helper"},  # the assigned summary, expiring
    "mediation.followupvisit": {"township_mediator", "county_centre"},  # overdue ones, without words
    "mediation.counsellingreferral": {"counsellor"},  # dates only
    "mediation.party": {"resident"},  # the own row, by the own account
    "mediation.hazard": {"resident"},  # the own report: its words and the outcome
}  # fmt: skip


@pytest.fixture(scope="module")
def scenes(django_db_setup, django_db_blocker, tmp_path_factory):
    """The world, built once."""
    yield from a_scene(django_db_blocker, tmp_path_factory.mktemp("uploads"))


@pytest.fixture
def scene(scenes, clock, db, monkeypatch, settings):
    settings.MEDIA_ROOT = scenes.uploads
    plain_refusals(monkeypatch)
    return scenes


def test_every_role_has_a_person_in_the_walk(scene):
    """A new role is walked from its first day: place it in ``scene.PLACED``, and what it sees in ``placing``."""
    held = set(Appointment.objects.values_list("role", flat=True))
    assert held | NOT_HELD == set(Role.values), "who holds this role in the walk?"
    assert {key for keys in (placing.READS_OF, placing.MASKED, *placing.BESIDES.values()) for key in keys} <= set(
        scene.county.people
    )


def test_the_world_has_a_row_of_every_model_and_every_mark(scene):
    """A walk over nothing proves nothing."""
    told = ""
    for model in apps.get_app_config("mediation").get_models():
        rows = list(model._base_manager.all())
        assert rows, f"no {model._meta.label} in the world: add one"
        told += str([[getattr(row, field.attname) for field in model._meta.concrete_fields] for row in rows])
    for dispute in scene.disputes.values():
        party = dispute.parties.get(side="applicant")
        told += f"{party.phone} {party.identity}"
    told += str(list(Event.objects.values_list("remark__text", flat=True)))
    bare = {("violent", "agreement"), ("violent", "place")}  # a kind of field that this dispute has no row of
    unused = {what for what in set(SHOWN) - found_in(told) - bare if what[0] == "general"}
    assert not unused
    for tag in ("complex", "major", "violent", "onsite", "foreign"):
        assert {kind for name, kind in found_in(told) if name == tag} >= {
            "title", "facts", "claim", "amount", "name", "phone", "identity",
        }, tag  # fmt: skip
    assert {("complex", "result"), ("complex", "place"), ("complex", "caucus"), ("complex", "agreement"),
            ("major", "answer"), ("major", "other_task"), ("violent", "caucus")} <= found_in(told)  # fmt: skip
    assert len(list(placing.models_of_a_dispute())) >= 20


def test_every_model_with_a_dispute_says_who_reads_it():
    """A rule of their own, and nobody beside those who read the dispute unless it is named here."""
    for model in placing.models_of_a_dispute():
        label = model._meta.label_lower
        rule = getattr(model._default_manager.none(), "VISIBLE", None)
        assert rule is not None, f"{label} has no rule"
        more = {str(role) for role in rule} - {str(role) for role in READS} - {str(r) for r in BESIDES.get(label, ())}
        assert not more, f"{label} is read by {more}: say so in BESIDES, with the reason"


def test_rows(scene):
    """Of a dispute: all for those who read it; for others none but what ``placing`` names."""
    for key in placing.people(scene):
        user = scene.user(key)
        mine = set(Dispute.objects.visible_to(user))
        assert mine == {scene.disputes[tag] for tag in placing.READS_OF.get(key, ())}, key
        for model in placing.models_of_a_dispute():
            rows, label = model._default_manager.filter(dispute__isnull=False), model._meta.label_lower
            there = set(rows.values_list("pk", "dispute"))
            theirs = set(model._default_manager.visible_to(user).filter(dispute__isnull=False)
                         .values_list("pk", "dispute"))  # fmt: skip
            tags = {scene.tag(dispute) for _pk, dispute in theirs}
            may = {scene.tag(dispute) for _pk, dispute in there if placing.sees(key, label, scene.tag(dispute))}
            assert tags == may, (key, label)
            whole = {(pk, dispute) for pk, dispute in there
                     if placing.reads(key, scene.tag(dispute)) and scene.tag(dispute) in may}  # fmt: skip
            if model is MediationNote:
                written = MediationNote.objects.exclude(written_by=user).filter(kind="caucus")
                whole -= set(written.values_list("pk", "dispute"))
                assert not written.filter(pk__in=[pk for pk, _dispute in theirs]).exists(), key
            assert whole <= theirs, (key, label)


def test_exports(scene):
    """No words but the amount; each row of a dispute that went out is written down."""
    of_dispute = {Dispute, *placing.models_of_a_dispute()}
    lists = [found for model, found in admin.site._registry.items() if model._meta.app_label == "mediation"]
    for key in placing.people(scene):
        client, taken = client_of(scene.user(key)), 0
        for model_admin in lists:
            meta = model_admin.opts
            if not client.handler or not scene.user(key).has_perm(f"mediation.view_{meta.model_name}"):
                answer = client.post(f"/admin/mediation/{meta.model_name}/export/", {"format": "xlsx"}, "multipart")
                assert not answer.streaming and answer.status_code in (302, 403), (key, meta.model_name)
                continue
            taken += _exported(key, client, model_admin, written=model_admin.model in of_dispute)
        assert taken > 10 or key not in ("village_mediator", "colleague")


def _exported(key: str, client, model_admin, *, written: bool) -> int:
    """Take the rows of a list out; return how many readings were written down."""
    meta = model_admin.opts
    before = set(DisputeAccess.objects.values_list("pk", flat=True))
    answer = client.post(f"/admin/mediation/{meta.model_name}/export/", {"format": "xlsx"}, "multipart")
    if answer.status_code != 200 or not answer.streaming:
        return 0
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    lines = [[cell.value for cell in row] for sheet in book for row in sheet.rows]
    more = found_in(str(lines)) - placing.shown(key, placing.EXPORTS, meta.model_name, None)
    assert not more, (key, meta.model_name, more)
    added = DisputeAccess.objects.exclude(pk__in=before)
    if not written or meta.model_name == "hazard":
        assert not added.exists()
        return 0
    assert {row.dispute.number for row in added} <= set("".join(str(lines)).replace("'", " ").split()) or added
    if meta.model_name != "disputeaccess":  # one dispute, one reading
        assert added.count() == len(lines) - 1, (key, meta.model_name)
    assert all(row.person.username == key and row.role and row.kind == "exported" for row in added)
    assert all(row.what.startswith(f"{meta.label_lower} ") for row in added)
    return added.count()


def test_search_finds_no_dispute(scene):
    for key in placing.people(scene):
        client = client_of(scene.user(key))
        for tag in ("general", "violent"):
            for words in (SHOWN[tag, "name"], SHOWN[tag, "title"], scene.disputes[tag].number):
                answer = client.get("/api/v1/search/", {"q": words})
                if answer.status_code != 200:
                    assert answer.status_code == 403
                    break
                found = [row for section in answer.json() for row in section["results"]]
                assert not [row for row in found if "mediation" in row["url"]], (key, words)


def test_live_events_hold_ids_codes_and_figures(scene):
    """What the push adds to an event, and the events themselves: no words, no names."""
    for event in Event.objects.all():
        assert not found_in(json.dumps(event.payload, ensure_ascii=False)), event.name
    for label, (describe, rows) in _describers.items():
        if label.startswith("mediation."):
            told = str(describe(list(rows()[:60])))
            assert not found_in(told), (label, told)


def test_the_live_push_reaches_those_alone_who_see_the_row(scene):
    """Of staff who are connected; the push tells what ``live.py`` adds, never words."""
    models = {model._meta.label_lower: model for model in placing.models_of_a_dispute()}
    of = {label: dict(model._base_manager.values_list("pk", "dispute")) for label, model in models.items()}
    of["mediation.dispute"] = {dispute.pk: dispute.pk for dispute in scene.disputes.values()}
    rows = [
        Occurrence(row.pk, 0, row.name, row.subject_type, row.subject_id, row.payload, row.occurred_at)
        for row in Event.objects.filter(subject_type__in=of)
    ]
    happened = {row.id: (row.subject_type, scene.tag(of[row.subject_type][row.subject_id])) for row in rows}
    assert {label for label, _tag in happened.values()} > {
        "mediation.dispute", "mediation.agreement", "mediation.track", "mediation.departmenttask", "mediation.hazard",
    }  # fmt: skip
    users = {key: scene.user(key) for key in placing.people(scene)}
    pushed = view(rows, [(user.pk, "zh-hans") for user in users.values()])
    for key, user in users.items():
        heard = {happened[event] for event in pushed.visible.get(user.pk, ())}
        may = (
            {(label, tag) for label, tag in happened.values() if placing.sees(key, label, tag)}
            if user.is_staff
            else set()
        )
        assert heard == may, (key, heard ^ may)
        _codes_told(scene, key, pushed, {event: happened[event] for event in pushed.visible.get(user.pk, ())})
    assert not found_in("".join(pushed.texts.get("zh-hans", {}).values()))


# Codes and figures that tell of a dispute or a hazard, and who is told them by the push though they read it not: their
# rule shows them the very row. Whoever reported a hazard is told its outcome alone (domain/mediation.md).
CODES = {"type", "people", "violence", "domestic_violence", "urgency", "dispute", "amount", "ground", "tier"}


def _codes_told(scene, key: str, pushed, heard: dict[int, tuple[str, str]]) -> None:
    """Check the codes in the messages of those who see a row of a dispute that they do not read."""
    numbers = {tag: dispute.number for tag, dispute in scene.disputes.items()}
    for event, (label, tag) in heard.items():
        if label != "mediation.hazard" or placing.reads(key, tag):
            continue
        text = pushed.texts["zh-hans"][event]
        assert not CODES & set(json.loads(text)["payload"]), (key, label, text)
        assert numbers[tag] not in text, (key, label, text)


def test_word_papers(scene):
    """Who works on it takes papers; none holds a caucus note, or anything of another dispute."""
    looked = set()
    for key in placing.people(scene):
        user = scene.user(key)
        for tag, dispute in scene.disputes.items():
            if not placing.reads(key, tag):
                for code in ("cover", "record", "agreement"):
                    with pytest.raises(NotPermitted):
                        paper_take(dispute, code, actor=user)
                with pytest.raises(NotPermitted):
                    file_take(dispute, actor=user)
            elif tag not in looked:
                looked.add(tag)
                before = DisputeAccess.objects.filter(dispute=dispute, person=user, kind="exported").count()
                told = found_in(text_of(file_take(dispute, actor=user)[1]))
                assert {kind for name, kind in told if name == tag} >= {"title", "name"}, (key, tag)
                assert {name for name, _kind in told} == {tag} and (tag, "caucus") not in told, (key, tag)
                after = DisputeAccess.objects.filter(dispute=dispute, person=user, kind="exported").count()
                assert after == before + 1 + dispute.files.opened_to(user).count()  # the file, and each scan in it
    assert looked == set(scene.disputes) and PAPERS


def test_files(scene):
    """Who works on the dispute opens all, the organ its own document, the clerk what is marked; each time written
    down. Nobody else opens any, by any door."""
    opens = {"police_department": {"track_document"}, "judges_clerk": {"signed_agreement"}}
    working, files = {"village_mediator", "colleague"}, list(scene.disputes["general"].files.all())
    assert {row.kind for row in files} == {"evidence", "signed_agreement", "track_document"}
    for key in placing.people(scene):
        client = client_of(scene.user(key))
        for row in files:
            (content,) = attachments_of(row)
            mine = key in working or row.kind in opens.get(key, ())
            for url in (f"/files/{content.pk}/", f"/api/v1/mediation/files/{row.pk}/content/{content.pk}/"):
                readings = DisputeAccess.objects.filter(what=f"mediation.disputefile {row.pk}", kind="exported")
                before = readings.count()
                answer = client.get(url)
                assert (answer.status_code == 200) == mine, (key, row.kind, url, answer.status_code)
                assert readings.count() == before + mine
                last = readings.order_by("-pk").first()
                assert not mine or answer["Cache-Control"] == "private, no-store"
                assert not mine or (last.person.username == key and last.role)


def test_calendars_tell_numbers_alone(scene):
    """Behind a private link lies what the reader may see, and of that no name and no word."""
    numbers = {dispute.number: tag for tag, dispute in scene.disputes.items()}
    for key in placing.people(scene):
        user, made = scene.user(key), []
        unit = user.appointments.first().unit if user.appointments.exists() else None
        for kind, given in (("person", {}), ("unit", {"unit": unit})):
            if kind == "unit" and unit is None:
                continue
            try:
                made.append(feed_make(actor=user, kind=kind, **given)[0])
            except Refused:
                continue
        for feed in made:
            told = calendar_text(feed).decode().replace("\r\n ", "")
            assert not found_in(told), key
            assert {tag for number, tag in numbers.items() if number in told} <= placing.READS_OF.get(key, set()), key
    assert any(number in calendar_text(feed_make(actor=scene.user("township_mediator"), kind="person")[0]).decode()
               for number in numbers)  # fmt: skip


def test_notices_go_to_who_may_know_and_tell_no_words(scene):
    """Notices leave the product for phones and group chats: a number at most."""
    numbers = {dispute.number: tag for tag, dispute in scene.disputes.items()}
    rows = list(Notice.objects.select_related("person"))
    assert rows
    for row in rows:
        told = f"{row.title} {row.body}"
        assert not found_in(told), told
        tags = {tag for number, tag in numbers.items() if number in told}
        if row.person is not None:
            assert tags <= placing.knows(row.person.username), (row.person, told)
