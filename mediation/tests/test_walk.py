"""Who sees what (domain/mediation.md): every role × every door × every class of field.

The world (``world.py``) holds one dispute with a row of every model of mediation, the words of each marked. Every role
then opens every list and page of mediation in the admin and by REST, searches, exports, listens to the live push and
asks for every paper. Doors and models that are added later are walked too, since they are found in the registries; a
new model needs a row in the world, and one with a dispute says here who may read it.
"""

import io
import json
from itertools import chain

import openpyxl
import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import ForeignKey

from cases.tests.api import client_of
from governance.attachments import attachments_of
from governance.errors import NotPermitted
from governance.live.audience import view
from governance.live.descriptions import _describers
from governance.live.journal import Occurrence
from governance.models import Event
from mediation.agreements.documents.papers import PAPERS, file_take, paper_take
from mediation.api.urls import router
from mediation.disputes.querysets import READS, SUPERVISES
from mediation.models import Dispute, DisputeAccess, MediationNote
from mediation.tests.world import MARKS, whole

pytestmark = pytest.mark.django_db
WORDS = {"title", "facts", "claim", "amount", "agreement", "record", "recusal", "police", "reason", "briefing", "task",
         "place", "summary", "file"}  # fmt: skip
WORKING = {"village_mediator", "colleague"}
ROLES = [
    "village_mediator", "colleague", "outside_village_mediator", "township_mediator", "outside_township_mediator",
    "county_centre", "outside_county_centre", "joint_department", "outside_joint_department", "police_department",
    "judges_clerk", "respected_helper", "counsellor", "grid_worker", "community_staff", "administrator",
    "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "outside_administrator",
    "other_neighbour",
]  # fmt: skip
LISTS, PAGES, EXPORTS = "lists", "pages", "exports"
# What doors show to those who work on the dispute: lists and exports no words (an export tells the amount), pages the
# words, and parties masked. Everybody else is shown nothing of it anywhere, but what ALSO says.
SHOWN = {LISTS: set(), PAGES: WORDS, EXPORTS: {"amount"}}
# The words that somebody else reads on the page of the own row.
ALSO = {
    ("police_department", "track"): {"briefing"}, ("joint_department", "departmenttask"): {"task"},
    ("township_mediator", "escalationrequest"): {"reason"}, ("respected_helper", "helperinvitation"): {"summary"},
}  # fmt: skip
# Hazards and signals are no disputes yet: their words are read, in lists too, by who keeps or brings them.
KEEP = {
    "hazard": WORKING,
    "signal": WORKING | {"township_mediator", "county_centre", "administrator", "operations_centre"},
}
# Who reads rows of a dispute beside those who read the dispute itself: roles whose rule says so, and why.
BESIDES = {
    "mediation.disputeaccess": SUPERVISES,  # who read what
    "mediation.judicialconfirmation": {"judges_clerk"},  # once applied for, at the own court
    "mediation.track": {"joint_department", "judges_clerk"},  # the own organ's track
    "mediation.disputefile": {"joint_department", "judges_clerk"},  # documents of the own track; what the court reads
    "mediation.departmenttask": {"joint_department"},  # the task and the facts it needs, until closed
    "mediation.escalationrequest": {"village_mediator", "township_mediator", "county_centre"},
    "mediation.helperinvitation": {"respected_helper"},  # the assigned summary, expiring
    "mediation.followupvisit": {"township_mediator", "county_centre"},  # overdue ones, without words
    "mediation.counsellingreferral": {"counsellor"},  # dates only
    "mediation.party": {"resident"},  # the own row, by the own account
    "mediation.hazard": {"resident"},  # the own report: its words and the outcome
}  # fmt: skip
# Which people these are in the world, where no visit is overdue.
PEOPLE_BESIDES = {
    "mediation.disputeaccess": {"township_mediator", "county_centre", "administrator"},
    "mediation.judicialconfirmation": {"judges_clerk"}, "mediation.track": {"police_department"},
    "mediation.departmenttask": {"joint_department"}, "mediation.escalationrequest": {"township_mediator"},
    "mediation.disputefile": {"police_department", "judges_clerk"},
    "mediation.helperinvitation": {"respected_helper"}, "mediation.counsellingreferral": {"counsellor"},
    "mediation.hazard": {"grid_worker"},
}  # fmt: skip


@pytest.fixture
def world(county):
    return whole(county)


def found_in(text: str) -> set[str]:
    """Return the classes of fields that a text tells."""
    plain = text.replace(",", "")
    return {name for name, mark in MARKS.items() if mark in text or mark in plain}


def allowed(key: str, door: str, model: str) -> set[str]:
    """Return the classes of fields that a person may be shown at a door of a model."""
    shown = set(SHOWN[door]) if key in WORKING else set()
    if door == PAGES:
        shown |= ALSO.get((key, model), set())
    if door != EXPORTS and key in KEEP.get(model, ()):
        shown |= {model}
    # a caucus note is read by its writer, on the page of the note or the dispute
    if door == PAGES and key == "village_mediator" and model in ("dispute", "mediationnote"):
        shown |= {"caucus"}
    return shown


def models_of_a_dispute():
    """Return the models of mediation whose rows belong to a dispute."""
    for model in apps.get_app_config("mediation").get_models():
        fields = [field for field in model._meta.get_fields() if isinstance(field, ForeignKey)]
        if any(field.related_model is Dispute for field in fields):
            yield model


def admins():
    """Return the admins of mediation."""
    return [found for model, found in admin.site._registry.items() if model._meta.app_label == "mediation"]


def test_the_world_has_a_row_of_every_model_and_every_mark(world):
    """A walk over nothing proves nothing."""
    told = ""
    for model in apps.get_app_config("mediation").get_models():
        rows = list(model._base_manager.all())
        assert rows, f"no {model._meta.label} in the world: add one"
        told += str([[getattr(row, field.attname) for field in model._meta.concrete_fields] for row in rows])
    party = world.parties.get(side="applicant")
    assert found_in(told + party.phone + party.identity) == set(MARKS)
    assert len(list(models_of_a_dispute())) >= 20


def test_every_model_with_a_dispute_says_who_reads_it(world):
    """A rule of their own, and nobody beside those who read the dispute unless it is named here."""
    for model in models_of_a_dispute():
        label = model._meta.label_lower
        rule = getattr(model._default_manager.none(), "VISIBLE", None)
        assert rule is not None, f"{label} has no rule"
        more = {str(role) for role in rule} - {str(role) for role in READS} - {str(r) for r in BESIDES.get(label, ())}
        assert not more, f"{label} is read by {more}: say so in BESIDES, with the reason"


@pytest.mark.parametrize("key", ROLES)
def test_querysets(world, county, key):
    """Rows of the dispute: all for those who work on it; for others none but what PEOPLE_BESIDES names."""
    user = county.user(key)
    for model in models_of_a_dispute():
        rows = model._default_manager.filter(dispute=world)
        assert rows.exists(), model
        theirs = model._default_manager.visible_to(user).filter(dispute=world)
        if key not in WORKING:
            assert theirs.exists() == (key in PEOPLE_BESIDES.get(model._meta.label_lower, ())), (key, model)
        elif model is not MediationNote:
            assert theirs.count() == rows.count(), (key, model)
        else:
            assert theirs.count() == {"village_mediator": 2, "colleague": 1}[key]
    assert Dispute.objects.visible_to(user).filter(pk=world.pk).exists() == (key in WORKING)


@pytest.mark.parametrize("key", ROLES)
def test_lists_and_pages_of_the_admin(world, county, key):
    client, opened = client_of(county.user(key)), 0
    for model_admin in admins():
        meta = model_admin.opts
        base = f"/admin/{meta.app_label}/{meta.model_name}/"
        searched = f"{base}?q={MARKS['title']}" if model_admin.search_fields else base
        for url, door in ((base, LISTS), (searched, LISTS), *_pages(base, model_admin.model)):
            answer = client.get(url)
            opened += answer.status_code == 200
            told = found_in(_text(answer).replace(f'value="{MARKS["title"]}"', ""))
            if url == searched:  # the words somebody typed stand in the box and in the links
                told -= {"title"}
            more = told - allowed(key, door, meta.model_name)
            assert not more, (key, url, more)
    for url in ("/admin/", "/admin/mediation/dispute/masked/", "/m/", "/m/disputes/"):
        assert not found_in(_text(client.get(url))), (key, url)
    assert opened > 0 or key not in WORKING


def _pages(base: str, model):
    """Yield the page of every row of a model that belongs to the world."""
    for row in model._default_manager.all()[:5]:
        yield f"{base}{row.pk}/change/", PAGES


def _text(answer) -> str:
    if answer.streaming:
        return ""
    return answer.content.decode(errors="replace")


@pytest.mark.parametrize("key", ROLES)
def test_lists_and_pages_of_rest(world, county, key):
    client, opened = client_of(county.user(key)), 0
    for prefix, viewset, _basename in router.registry:
        base = f"/api/v1/{prefix}/"
        model = viewset.queryset.model
        details = [f"{base}{row.pk}/" for row in model._default_manager.all()[:5]]
        for url, door in chain([(base, LISTS)], ((url, PAGES) for url in details)):
            answer = client.get(url)
            opened += answer.status_code == 200
            told = found_in(json.dumps(answer.json(), ensure_ascii=False) if "json" in answer["Content-Type"] else "")
            more = told - allowed(key, door, model._meta.model_name)
            assert not more, (key, url, more)
    masked = client.get("/api/v1/mediation/disputes/masked/")
    assert not found_in(_text(masked)), key
    assert opened > 0


@pytest.mark.parametrize("key", ROLES)
def test_search_finds_no_dispute(world, county, key):
    client = client_of(county.user(key))
    for mark in (*MARKS.values(), world.number):
        answer = client.get("/api/v1/search/", {"q": mark})
        if answer.status_code == 200:
            found = [row for section in answer.json() for row in section["results"]]
            assert not [row for row in found if "mediation" in row["url"]], (key, mark)


@pytest.mark.parametrize("key", ROLES)
def test_exports(world, county, key):
    """No words but the amount; each row of a dispute that went out is written down."""
    client, taken = client_of(county.user(key)), 0
    of_dispute = {Dispute, *models_of_a_dispute()}
    for model_admin in admins():
        meta, before = model_admin.opts, DisputeAccess.objects.filter(kind="exported").count()
        answer = client.post(f"/admin/{meta.app_label}/{meta.model_name}/export/", {"format": "xlsx"}, "multipart")
        if answer.status_code != 200 or not answer.streaming:
            continue
        book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
        lines = [[cell.value for cell in row] for sheet in book for row in sheet.rows]
        more = found_in(str(lines)) - allowed(key, EXPORTS, meta.model_name)
        assert not more, (key, meta.model_name, more)
        if model_admin.model in of_dispute and meta.model_name != "hazard":
            added = DisputeAccess.objects.filter(kind="exported", what__startswith=f"{meta.label_lower} ")
            once = meta.model_name == "disputeaccess"  # one dispute, one reading
            assert added.count() == min(len(lines) - 1, 1 if once else len(lines)), (key, meta.model_name)
            assert DisputeAccess.objects.filter(kind="exported").count() == before + added.count()
            assert all(row.person.username == key and row.role for row in added)
            taken += added.count()
    assert taken > 10 or key not in WORKING


def test_live_events_hold_ids_codes_and_figures(world):
    """What the push adds to an event, and the events themselves: no words, no names."""
    for event in Event.objects.all():
        told = json.dumps(event.payload, ensure_ascii=False)
        assert not found_in(told), (event.name, told)
    for label, (describe, rows) in _describers.items():
        if label.startswith("mediation."):
            told = str(describe(list(rows()[:20])))
            assert not found_in(told), (label, told)


@pytest.mark.parametrize("key", ROLES)
def test_the_live_push_reaches_those_alone_who_read_the_row(world, county, key):
    """Of staff who are connected; the push tells what ``live.py`` adds, never words."""
    labels = {"mediation.dispute", *(model._meta.label_lower for model in models_of_a_dispute())}
    rows = [
        Occurrence(row.pk, 0, row.name, row.subject_type, row.subject_id, row.payload, row.occurred_at)
        for row in Event.objects.filter(subject_type__in=labels)
    ]
    user = county.user(key)
    pushed = view(rows, [(user.pk, "zh-hans")])
    heard = {row.subject_type for row in rows if row.id in pushed.visible.get(user.pk, ())}
    happened = {row.subject_type for row in rows}
    assert {"mediation.dispute", "mediation.agreement", "mediation.escalationrequest", "mediation.hazard"} <= happened
    besides = {label for label, people in PEOPLE_BESIDES.items() if key in people} & happened
    assert heard == (set() if not user.is_staff else happened if key in WORKING else besides)
    assert not found_in("".join(pushed.texts.get("zh-hans", {}).values()))


@pytest.mark.parametrize("key", ROLES)
def test_word_papers(world, county, key):
    """Who works on it takes papers; they never hold a caucus note (looked into by the tests of the papers)."""
    user = county.user(key)
    if key in WORKING:
        assert file_take(world, actor=user)[1][:2] == b"PK"
        return
    for code in PAPERS:
        with pytest.raises(NotPermitted):
            paper_take(world, code, actor=user)
    with pytest.raises(NotPermitted):
        file_take(world, actor=user)


@pytest.mark.parametrize("key", ROLES)
def test_files(world, county, key):
    """Who works on the dispute opens all, the organ its own document, the clerk what is marked; each time written
    down. Nobody else opens any, by any door."""
    client = client_of(county.user(key))
    opens = {"police_department": {"track_document"}, "judges_clerk": {"signed_agreement"}}.get(key, set())
    for row in world.files.all():
        (content,) = attachments_of(row)
        mine = key in WORKING or row.kind in opens
        for url in (f"/files/{content.pk}/", f"/api/v1/mediation/files/{row.pk}/content/{content.pk}/"):
            before = DisputeAccess.objects.filter(what=f"mediation.disputefile {row.pk}").count()
            answer = client.get(url)
            assert (answer.status_code == 200) == mine, (key, row.kind, url, answer.status_code)
            taken = DisputeAccess.objects.filter(what=f"mediation.disputefile {row.pk}", kind="exported")
            assert taken.count() == before + mine
            assert not mine or (answer["Cache-Control"], taken.first().person.username) == ("private, no-store", key)
            assert not mine or taken.first().role
