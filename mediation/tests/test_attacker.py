"""An hour of somebody who may not: foreign numbers at every address, filters, search, errors that tell what is there.

A foreign row and none at all are answered alike: no status, no text, no count and no choice tells that it exists.
"""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from cases.tests.api import client_of
from governance.models import Appointment, Event, OrgUnit, Role, User
from governance.scoping import forget_grants
from mediation.access import access_record
from mediation.api.urls import router
from mediation.confirmation.applying import confirmation_consent
from mediation.models import Dispute, DisputeAccess, HelperInvitation, JudicialConfirmation, Party
from mediation.tests import placing
from mediation.tests.scene import a_scene, found_in
from mediation.tests.world import MARKS

pytestmark = pytest.mark.django_db
NONE = 10**9  # no row has this number
ATTACKERS = [
    "outside_village_mediator", "outside_township_mediator", "township_mediator", "county_centre",
    "outside_joint_department", "joint_department", "other_clerk", "respected_helper", "counsellor", "grid_worker",
    "community_staff", "administrator", "other_neighbour",
]  # fmt: skip


@pytest.fixture(scope="module")
def scenes(django_db_setup, django_db_blocker, tmp_path_factory):
    """The scene of the walk, and the clerk of another court: built once."""
    for scene in a_scene(django_db_blocker, tmp_path_factory.mktemp("uploads")):
        area = scene.county.area("other_district")
        court = OrgUnit.objects.create(code="other_court", name="另一法院", kind="court", area=area)
        clerk = User.objects.create(username="other_clerk", name="另一书记员", is_staff=True)
        Appointment.objects.create(user=clerk, unit=court, role=Role.JUDGES_CLERK, area=area, valid_from="2020-01-01")
        scene.county.people["other_clerk"] = clerk
        yield scene


@pytest.fixture
def county(scenes, clock, db):
    for user in scenes.county.people.values():
        forget_grants(user)
    return scenes.county


@pytest.fixture
def world(scenes, county):
    """The dispute of which there is a row of everything, as it stands before each test."""
    return Dispute.objects.get(pk=scenes.disputes["general"].pk)


def admins():
    """Return the admins of mediation."""
    return [found for model, found in admin.site._registry.items() if model._meta.app_label == "mediation"]


def alike(client, method: str, there: str, nowhere: str, body=None, *, numbers=(), **options) -> int:
    """Assert that an address of a foreign row answers like one of no row; return the status."""
    answers = [getattr(client, method)(url, body, **options) for url in (there, nowhere)]
    assert answers[0].status_code == answers[1].status_code, (there, [one.status_code for one in answers])
    assert answers[0].status_code in (302, 400, 403, 404), there
    texts = [answer.content.decode() for answer in answers]
    if "json" in answers[0].get("Content-Type", ""):
        assert texts[0] == texts[1], there
    for text in texts:
        assert not found_in(text) - set(numbers), there
    return answers[0].status_code


@pytest.mark.parametrize("key", ATTACKERS)
def test_foreign_rows_by_rest_answer_like_none(world, county, key):
    user, tried = county.people[key], 0
    client = client_of(user)
    for prefix, viewset, _basename in router.registry:
        model = viewset.queryset.model
        for row in model._base_manager.all()[:3]:
            visible = model._default_manager.visible_to(user).filter(pk=row.pk) if model is not Party else (
                Party.objects.of_person(user).filter(pk=row.pk)
            )  # fmt: skip
            if visible.exists() or viewset.lookup_field not in (None, "pk"):
                continue
            base = f"/api/v1/{prefix}"
            alike(client, "get", f"{base}/{row.pk}/", f"{base}/{NONE}/")
            for step in ("accept", "close"):
                alike(client, "post", f"{base}/{row.pk}/transitions/{step}/", f"{base}/{NONE}/transitions/{step}/", {})
            tried += 1
    assert tried > 5
    dispute, party, base = world.pk, world.parties.first().pk, "/api/v1/mediation/disputes"
    paths = ["parties", "consents", "recusals", "police-reports", "routes", f"parties/{party}/unmask",
             f"parties/{party}/links", f"links/{world.links.first().pk}/revoke"]  # fmt: skip
    for path in paths:
        alike(client, "post", f"{base}/{dispute}/{path}/", f"{base}/{NONE}/{path}/", {"reason": "看看"}, format="json")


@pytest.mark.parametrize("key", ATTACKERS)
def test_foreign_rows_in_the_administration_answer_like_none(world, county, key):
    user, tried = county.people[key], 0
    client = client_of(user)
    for model_admin in admins():
        model = model_admin.model
        request = RequestFactory().get("/")
        request.user = user
        for row in model._base_manager.all()[:3]:
            if not model_admin.get_queryset(request).filter(pk=row.pk).exists():
                base = f"/admin/mediation/{model._meta.model_name}"
                for page in ("change", "history", "transition/accept"):
                    alike(client, "get", f"{base}/{row.pk}/{page}/", f"{base}/{NONE}/{page}/")
                tried += 1
    assert tried > 10
    dispute, party = world.pk, world.parties.first().pk
    agreement, confirmation = world.agreements.get().pk, world.confirmations.get().pk
    for there in (
        "dispute/{}/do/consent/", f"dispute/{{}}/party/{party}/", f"dispute/{{}}/party/{party}/unmask/",
        f"dispute/{{}}/party/{party}/link/", "agreement/draft/{}/",
    ):  # fmt: skip
        alike(client, "get", f"/admin/mediation/{there.format(dispute)}", f"/admin/mediation/{there.format(NONE)}")
    for there, pk in (("agreement/{}/paper/file/", agreement), ("judicialconfirmation/{}/paper/ruling/", confirmation)):
        alike(client, "post", f"/admin/mediation/{there.format(pk)}", f"/admin/mediation/{there.format(NONE)}")


@pytest.mark.parametrize("key", ATTACKERS)
def test_nothing_is_begun_on_a_foreign_dispute_and_the_refusal_tells_nothing(world, county, key):
    """By its number: the refusal, and what the form then offers, are those of a number that is none."""
    client, number = client_of(county.people[key]), world.number
    nobody = "D999999"
    bodies = {
        "takeovers": {"direction": "up", "reason": "看看"}, "notes": {"kind": "record", "text": "看看"},
        "tracks": {"kind": "people", "organ": "medcom", "briefing": "看看"},
        "sittings": {"kind": "on_site", "starts_at": "2026-06-03T10:00:00+08:00", "place": "村",
                     "ends_at": "2026-06-03T11:00:00+08:00"},
        "helper-invitations": {"helper": 1, "summary": "看看", "until": "2026-06-09"},
    }  # fmt: skip
    for path, body in bodies.items():
        url = f"/api/v1/mediation/{path}/"
        answers = [client.post(url, body | {"dispute": one}, format="json") for one in (number, nobody)]
        assert answers[0].status_code == answers[1].status_code and answers[0].status_code in (400, 403), path
        assert answers[0].content == answers[1].content, path
    for path, body in (
        ("agreements", {"subject": "看", "clauses": ["看"]}), ("counselling", {"party": world.parties.first().pk}),
    ):  # fmt: skip
        url = f"/api/v1/mediation/{path}/"
        answers = [client.post(url, body | {"dispute": one}, format="json") for one in (world.pk, NONE)]
        assert answers[0].status_code == answers[1].status_code and answers[0].status_code in (400, 403), path
        assert answers[0].content == answers[1].content, path
    for model in ("mediationnote", "sitting", "helperinvitation", "track", "escalationrequest"):
        pages = [client.get(f"/admin/mediation/{model}/add/?dispute={one}") for one in (number, nobody)]
        assert pages[0].status_code == pages[1].status_code
        texts = [page.content.decode() for page in pages]
        assert texts[0].count("<option") == texts[1].count("<option"), model
        assert not found_in(texts[0]) and "何**" not in texts[0], model


@pytest.mark.parametrize("key", ATTACKERS)
def test_lists_narrowed_to_a_foreign_dispute_are_those_of_none(world, county, key):
    client = client_of(county.people[key])
    for prefix in ("agreements", "visits", "accesses", "sittings", "notes", "tasks"):
        answers = [client.get(f"/api/v1/mediation/{prefix}/", {"dispute": one}) for one in (world.pk, NONE)]
        assert answers[0].status_code == answers[1].status_code
        # its visit is overdue, which its superiors see without words
        overseen = prefix == "visits" and key in placing.BESIDES["mediation.followupvisit"]
        if prefix not in ("accesses", "tasks") and not overseen:
            assert answers[0].content == answers[1].content, prefix
    for name in ("party__name", "parties__name", "search", "facts__contains", "ordering"):
        told = client.get("/api/v1/mediation/disputes/", {name: MARKS["name"]})
        assert told.status_code in (200, 400, 403)
        if told.status_code == 200:
            assert world.number not in told.content.decode(), name
    term = {"app_label": "mediation", "model_name": "agreement", "field_name": "dispute", "term": MARKS["name"]}
    found = client.get("/admin/autocomplete/", term)
    assert found.status_code in (302, 403, 404) or not found.json()["results"]


def test_no_list_is_filtered_by_what_belongs_to_a_dispute(world, county):
    """Django's lists take any column: people by what they are a party to, units and areas by a dispute they have."""
    client = client_of(county.user("administrator"))
    party, tried = world.parties.get(user__isnull=False), 0
    for given in (
        {"party_of__isnull": "0"}, {"party_of": party.pk}, {"party_of__id__exact": party.pk}, {"+__isnull": "0"},
        {"mediated_disputes__isnull": "0"}, {"counselled__isnull": "0"}, {"password__startswith": "p"},
    ):  # fmt: skip
        assert client.get("/admin/governance/user/", given).status_code == 400, given
    assert client.get("/admin/governance/user/", {"is_staff__exact": "1"}).status_code == 200
    request = RequestFactory().get("/")
    request.user = county.user("administrator")
    for model_admin in admin.site._registry.values():
        for field in model_admin.opts.get_fields(include_hidden=True):
            related = field.related_model
            if field.auto_created and not field.concrete and related._meta.app_label == "mediation":
                assert not model_admin.lookup_allowed(f"{field.name}__isnull", "0", request), (model_admin, field)
                tried += 1
    assert tried > 20


def test_who_is_a_party_is_not_told_by_the_list_of_readings_nor_by_the_record(world, county):
    """Superiors and administrators see who read what; a party stands there by the side, and is not found by name."""
    party = world.parties.get(user__isnull=False)
    party.user.name = MARKS["name"]
    party.user.save()
    access_record(world, actor=party.user, party=party, what="mediation.party own", role=Role.RESIDENT)
    row = JudicialConfirmation.objects.with_rows().get(dispute=world)
    JudicialConfirmation.objects.filter(pk=row.pk).update(state="eligible", court=None, applied_on=None)
    confirmation_consent(JudicialConfirmation.objects.with_rows().get(pk=row.pk), actor=party.user, party=party,
                         answer="agreed", how="account")  # fmt: skip
    for key in ("township_mediator", "county_centre", "administrator"):
        client = client_of(county.user(key))
        told = client.get("/admin/mediation/disputeaccess/").content.decode()
        assert world.number in told and "申请人" in told and "何**" not in told and MARKS["name"] not in told, key
        for term in (MARKS["name"], party.user.username):
            found = client.get("/admin/mediation/disputeaccess/", {"q": term})
            assert "申请人（" not in found.content.decode() and world.number not in found.content.decode(), (key, term)
        for given in ({"person": party.user_id}, {"person__id__exact": party.user_id}, {"party": party.pk}):
            assert client.get("/admin/mediation/disputeaccess/", given).status_code == 400
        rows = client.get("/api/v1/mediation/accesses/", {"dispute": world.pk}).json()["results"]
        mine = [one for one in rows if one["party"] == party.pk]
        assert mine and all(one["person"] is None for one in mine)
        assert party.user.username not in str(rows)
    said = Event.objects.filter(role=Role.RESIDENT, subject_type="mediation.judicialconfirmation")
    assert said.exists()
    told = client_of(county.user("administrator")).get("/admin/governance/event/").content.decode()
    assert MARKS["name"] not in told
    one = client_of(county.user("administrator")).get(reverse("admin:governance_event_change", args=[said[0].pk]))
    assert one.status_code == 200 and MARKS["name"] not in one.content.decode()
    assert DisputeAccess.objects.filter(party=party, person=party.user).exists()


def test_what_was_theirs_for_a_while_is_theirs_no_longer(world, county, clock):
    """A helper after the last day, a department after the task was closed, an organ after the dispute ended."""
    invitation = HelperInvitation.objects.get()
    addresses = {
        "respected_helper": f"helper-invitations/{invitation.pk}", "joint_department": "tasks/{}",
        "police_department": "tracks/{}",
    }  # fmt: skip
    addresses["joint_department"] = f"tasks/{world.department_tasks.get().pk}"
    addresses["police_department"] = f"tracks/{world.tracks.get().pk}"
    for key, path in addresses.items():
        assert client_of(county.user(key)).get(f"/api/v1/mediation/{path}/").status_code == 200, key
    clock.shift(timedelta(days=11))
    world.department_tasks.update(state="closed", closed_at="2026-06-03T00:00:00Z")
    type(world).objects.filter(pk=world.pk).update(state="agreed")
    for key, path in addresses.items():
        client = client_of(county.user(key))
        none = path.split("/")[0] + f"/{NONE}"
        assert alike(client, "get", f"/api/v1/mediation/{path}/", f"/api/v1/mediation/{none}/") == 404, key
        listed = client.get(f"/api/v1/mediation/{path.split('/')[0]}/")
        assert world.number not in listed.content.decode(), key
    assert client_of(county.user("respected_helper")).get(f"/r/helping/{invitation.pk}/").status_code == 404
