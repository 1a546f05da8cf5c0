"""Who sees what (domain/mediation.md): every role × every door × every class of field.

The world holds one dispute with everything of it: words, party, phone, identity, amount, an agreement, and a caucus
note where this installation keeps notes. Every role then opens every list and page of mediation in the admin and by
REST, searches, exports, listens to the live push and asks for every paper. Doors and models that are added later are
walked too, since they are found in the registries; a new model with a dispute says here who may read it.
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
from governance.errors import NotPermitted
from governance.live.descriptions import _describers
from governance.models import Event
from mediation.agreements.documents.papers import PAPERS, file_take, paper_take
from mediation.agreements.tests.deals import effective
from mediation.api.urls import router
from mediation.disputes.querysets import READS, SUPERVISES
from mediation.models import Dispute

pytestmark = pytest.mark.django_db
# What each class of field looks like in the world of the walk.
MARKS = {
    "title": "泡坏天花板", "facts": "吵了三次", "claim": "修好漏水并赔偿", "amount": "43210", "name": "何秀英",
    "phone": "13900003001", "identity": "990102197001011238", "agreement": "六月二十日前把漏水处修好",
    "caucus": "私下愿意让到两千",
}  # fmt: skip
WORDS = {"title", "facts", "claim", "amount", "agreement"}
WORKING = {"village_mediator", "colleague"}
ROLES = [
    "village_mediator", "colleague", "outside_village_mediator", "township_mediator", "outside_township_mediator",
    "county_centre", "outside_county_centre", "joint_department", "police_department", "judges_clerk",
    "respected_helper", "counsellor", "grid_worker", "community_staff", "administrator", "operations_centre",
    "registrar", "dispatcher", "handler", "supervisor", "outside_administrator", "other_neighbour",
]  # fmt: skip
LISTS, PAGES, EXPORTS = "lists", "pages", "exports"
# What doors show to those who work on the dispute: lists and exports no words (an export tells the amount), pages the
# words, and parties masked. Everybody else is shown nothing of it anywhere.
SHOWN = {LISTS: set(), PAGES: WORDS, EXPORTS: {"amount"}}
# Who reads rows of a dispute beside those who read the dispute itself, and why. ``None``: told by its own tests.
BESIDES = {
    "mediation.disputeaccess": SUPERVISES,  # who read what
    "mediation.judicialconfirmation": {"judges_clerk"},  # once applied for, at the own court
    "mediation.track": {"joint_department", "judges_clerk"},  # the own organ's track
    "mediation.departmenttask": {"joint_department"},  # the task and the facts it needs, until closed
    "mediation.escalationrequest": {"village_mediator", "township_mediator", "county_centre"},
    "mediation.helperinvitation": {"respected_helper"},  # the assigned summary, expiring
    "mediation.followupvisit": {"township_mediator", "county_centre"},  # overdue ones, without words
    "mediation.counsellingreferral": {"counsellor"},  # dates only
    "mediation.party": {"resident"},  # the own row, by the own account
    "mediation.hazard": None,
}  # fmt: skip


@pytest.fixture
def world(county):
    """One dispute with everything of it, and a second of the same kind elsewhere in the street."""
    dispute = county.mediating(amount="43210.00")
    _caucus(county, dispute)
    effective(county, dispute, clauses=["六月二十日前把漏水处修好。"])
    return Dispute.objects.get(pk=dispute.pk)


def _caucus(county, dispute) -> None:
    try:
        note = apps.get_model("mediation", "mediationnote")
    except LookupError:
        return
    note.objects.create(dispute=dispute, kind="caucus", text=MARKS["caucus"], written_by=county.mediator)


def found_in(text: str) -> set[str]:
    """Return the classes of fields that a text tells."""
    plain = text.replace(",", "")
    return {name for name, mark in MARKS.items() if mark in text or mark in plain}


def models_of_a_dispute():
    """Return the models of mediation whose rows belong to a dispute."""
    for model in apps.get_app_config("mediation").get_models():
        fields = [field for field in model._meta.get_fields() if isinstance(field, ForeignKey)]
        if any(field.related_model is Dispute for field in fields):
            yield model


def admins():
    """Return the admins of mediation."""
    return [found for model, found in admin.site._registry.items() if model._meta.app_label == "mediation"]


def test_the_walk_knows_its_marks(world):
    told = f"{world.title}{world.facts}{world.claim}{world.amount}"
    party = world.parties.get(side="applicant")
    told += party.name + party.phone + party.identity + world.agreements.get().clauses.get().text
    assert found_in(told) == set(MARKS) - {"caucus"}
    assert Dispute in apps.get_app_config("mediation").get_models() and len(list(models_of_a_dispute())) >= 10


def test_every_model_with_a_dispute_says_who_reads_it(world):
    """A rule of their own, and nobody beside those who read the dispute unless it is named here."""
    for model in models_of_a_dispute():
        label = model._meta.label_lower
        rule = getattr(model._default_manager.none(), "VISIBLE", None)
        assert rule is not None, f"{label} has no rule"
        besides = BESIDES.get(label, set())
        if besides is not None:
            more = {str(role) for role in rule} - {str(role) for role in READS} - {str(role) for role in besides}
            assert not more, f"{label} is read by {more}: say so in BESIDES, with the reason"


@pytest.mark.parametrize("key", ROLES)
def test_querysets(world, county, key):
    """Rows of the dispute: for those who work on it; for others none but what BESIDES names."""
    user, seen = county.user(key), set()
    for model in models_of_a_dispute():
        if BESIDES.get(model._meta.label_lower, ()) == ():
            rows = model._default_manager.filter(dispute=world)
            theirs = model._default_manager.visible_to(user).filter(dispute=world)
            if key not in WORKING:
                assert not theirs.exists(), (key, model)
            elif model._meta.model_name != "mediationnote":
                assert theirs.count() == rows.count(), (key, model)
            seen.add(model)
    assert Dispute.objects.visible_to(user).exists() == (key in WORKING) and len(seen) >= 8


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
            allowed = SHOWN[door] if key in WORKING else set()
            told = found_in(_text(answer).replace(f'value="{MARKS["title"]}"', ""))
            if url == searched:  # the words somebody typed stand in the box and in the links
                told -= {"title"}
            assert told <= allowed | _own_caucus(key, meta.model_name), (key, url, told - allowed)
    for url in ("/admin/", "/admin/mediation/dispute/masked/", "/m/", "/m/disputes/"):
        assert not found_in(_text(client.get(url))), (key, url)
    assert opened > 0 or key not in WORKING


def _own_caucus(key: str, model: str) -> set[str]:
    """A caucus note is read by its writer, on the page of the note or the dispute."""
    return {"caucus"} if key == "village_mediator" and model in ("dispute", "mediationnote") else set()


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
            allowed = SHOWN[door] if key in WORKING else set()
            told = found_in(json.dumps(answer.json(), ensure_ascii=False) if "json" in answer["Content-Type"] else "")
            assert told <= allowed | _own_caucus(key, model._meta.model_name), (key, url, told - allowed)
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
    client = client_of(county.user(key))
    for model_admin in admins():
        meta = model_admin.opts
        answer = client.post(f"/admin/{meta.app_label}/{meta.model_name}/export/", {"format": "xlsx"}, "multipart")
        if answer.status_code != 200 or not answer.streaming:
            continue
        book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
        told = str([[cell.value for cell in row] for sheet in book for row in sheet.rows])
        allowed = SHOWN[EXPORTS] if key in WORKING else set()
        assert found_in(told) <= allowed, (key, meta.model_name, found_in(told) - allowed)


def test_live_events_hold_ids_codes_and_figures(world):
    """What the push adds to an event, and the events themselves: no words, no names. Whom they reach: ``visible_to``,
    asked in ``test_querysets``."""
    for event in Event.objects.all():
        told = json.dumps(event.payload, ensure_ascii=False)
        assert not found_in(told), (event.name, told)
    for label, (describe, rows) in _describers.items():
        if label.startswith("mediation."):
            told = str(describe(list(rows()[:20])))
            assert not found_in(told), (label, told)


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
