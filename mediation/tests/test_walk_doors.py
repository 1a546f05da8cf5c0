"""Who sees what (domain/mediation.md): every role × every door × every class of field.

The doors are the addresses of mediation (``doors.py``): pages, lists, forms, histories and steps of the administration,
REST, the phone, residents' pages, links. What each may show is said in ``placing.py``; what shows words of a dispute
has written down that it was read. Doors of other parts of the product tell nothing of it at all.
"""

import json
from functools import cache

import pytest
from django.contrib import admin
from django.core.cache import cache as throttles
from django.urls import reverse

from cases.tests.api import client_of
from governance.attachments import attach
from governance.models import AttachmentPurpose, Event, Role
from governance.photos import inspect_upload
from governance.tests.test_photos import encoded, picture
from mediation.models import Dispute, DisputeAccess, Hazard, Party
from mediation.tests import placing
from mediation.tests.doors import PAGES_OF, doors, routes
from mediation.tests.scene import SHOWN, a_scene, found_in, no_side_bar, plain_refusals

pytestmark = pytest.mark.django_db
GROUPS = 6  # people are walked in so many tests, which may run beside each other


@pytest.fixture(scope="module")
def scenes(django_db_setup, django_db_blocker, tmp_path_factory):
    """The world, built once."""
    yield from a_scene(django_db_blocker, tmp_path_factory.mktemp("uploads"))


@pytest.fixture
def scene(scenes, clock, db, monkeypatch, settings):
    settings.MEDIA_ROOT = scenes.uploads
    plain_refusals(monkeypatch)
    throttles.clear()
    return scenes


def test_the_walk_knows_the_doors():
    """Of each kind, and of each namespace of pages."""
    known = routes()
    assert {route.door for route in known} == {"admin", "api", "pages"} and len(known) > 250
    assert {route.model for route in known if route.door == "pages"} == set(PAGES_OF.values())


def _seen(scene, key: str):
    """Return whether a person sees a row, from what the rows themselves say (``test_rows`` holds it against the
    table)."""
    user = scene.user(key)

    @cache
    def keys_of(model) -> set:
        rows = model._default_manager
        if model is Party:
            return set(Party.objects.of_person(user).values_list("pk", flat=True))
        return set(rows.visible_to(user).values_list("pk", flat=True)) if hasattr(rows, "visible_to") else set()

    return lambda row: row.pk in keys_of(type(row))


def _told(answer, url: str) -> set[tuple[str, str]]:
    if answer.streaming:
        return set()
    text = answer.content.decode(errors="replace")
    if "json" in answer.get("Content-Type", ""):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return found_in(text)


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_door(scene, group, monkeypatch):
    """Shown is what the table says and no more; what was shown in words is written down as read."""
    no_side_bar(monkeypatch)
    numbers = {dispute.number: tag for tag, dispute in scene.disputes.items()}
    read, whole = {}, scene.first_of_their_role()
    for key in placing.people(scene)[group::GROUPS]:
        throttles.clear()
        client, known, last = client_of(scene.user(key)), placing.knows(key), _last_reading()
        for door in doors(scene, _seen(scene, key), whole=key in whole):
            answer = client.get(door.url)
            assert answer.status_code < 500, (key, door.url)
            told = _told(answer, door.url)
            more = told - placing.shown(key, placing.PAGES if door.row else placing.LISTS, door.model, door.tag)
            assert not more, (key, door.url, more)
            text = "" if answer.streaming else answer.content.decode(errors="replace")
            there = {tag for number, tag in numbers.items() if number in text}
            assert there <= known, (key, door.url, there)
            words = {name for name, _kind in told}  # of a hazard or a signal too: it became that dispute
            if words:
                now = _last_reading()
                written = DisputeAccess.objects.filter(pk__gt=last, pk__lte=now, person__username=key)
                assert {scene.tag(row.dispute_id) for row in written} >= words, (key, door.url, "is not written down")
                last = now
                read.setdefault(key, set()).update(told)
    for key, tags in placing.READS_OF.items():
        if key in read:
            assert {(tag, "facts") for tag in tags} <= read[key], key


def _last_reading() -> int:
    return DisputeAccess.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


@pytest.mark.parametrize("group", range(GROUPS))
def test_no_door_acts_on_what_is_hidden(scene, group, monkeypatch):
    """Pressed blindly: a refusal without a word, and nothing has happened."""
    no_side_bar(monkeypatch)
    for key in sorted(scene.first_of_their_role())[group::GROUPS]:
        client, seen, before = client_of(scene.user(key)), _seen(scene, key), Event.objects.count()
        for door in doors(scene, seen, "post"):
            if door.row is None or door.tag is None or seen(door.row) or door.model == "partylink":
                continue
            answer = client.post(door.url, {"reason": "看看"}, format="json" if "/api/" in door.url else "multipart")
            assert answer.status_code in (302, 400, 403, 404, 405), (key, door.url, answer.status_code)
            assert not _told(answer, door.url), (key, door.url)
        assert Event.objects.count() == before, key


@pytest.mark.parametrize("key", ["administrator", "community_staff", "steward"])
def test_no_other_list_tells_of_a_dispute(scene, key, monkeypatch):
    """People, events, files, bookings, notices, timers, imports: lists and rows of every other part."""
    no_side_bar(monkeypatch)
    client, opened = client_of(scene.user(key)), 0
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label == "mediation" or not model_admin.opts:
            continue
        base = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        answer = client.get(base)
        if answer.status_code != 200:
            continue
        opened += 1
        last = model._base_manager.order_by("-pk").values_list("pk", flat=True).first()
        pages = [answer, *([client.get(f"{base}{last}/change/")] if last is not None else [])]
        assert not [told for page in pages if (told := _told(page, base))], (key, base)
    assert opened > 3
    for url in ("/admin/", "/admin/mediation/", "/admin/search/?s=" + SHOWN["general", "name"], "/m/",
                "/api/v1/me/", "/api/v1/notices/", "/api/v1/bookings/"):  # fmt: skip
        assert not _told(client.get(url), url), (key, url)


def test_first_pages_tell_numbers_and_masked_names(scene):
    """What somebody has to do, at the desk, on the phone, for residents."""
    numbers = {dispute.number: tag for tag, dispute in scene.disputes.items()}
    for key in placing.people(scene):
        client = client_of(scene.user(key))
        for url in ("/admin/", "/m/", "/r/", "/r/mine/"):
            answer = client.get(url)
            text = answer.content.decode(errors="replace")
            kept = {("general", kind) for kind in placing.KEEP if key in placing.KEEP[kind]}
            assert not found_in(text) - kept, (key, url)
            assert {tag for number, tag in numbers.items() if number in text} <= placing.knows(key), (key, url)


@pytest.mark.parametrize("tag", ["general", "violent"])
def test_photos_of_a_hazard_are_for_who_sees_it(scene, tag):
    """Of one that became a dispute: who reported it opens the own ones, and each opening is written down."""
    hazard = Hazard.objects.get(dispute=scene.disputes[tag])
    for purpose in (AttachmentPurpose.REPORT, AttachmentPurpose.EVIDENCE):
        photo = inspect_upload(encoded(picture()))
        row = attach(hazard, [photo], purpose=purpose, actor=scene.user("grid_worker"))[0]
        for key in placing.people(scene):
            last = _last_reading()
            answer = client_of(scene.user(key)).get(f"/files/{row.pk}/")
            sees = Hazard.objects.visible_to(scene.user(key)).filter(pk=hazard.pk).exists()
            assert sees == placing.sees(key, "mediation.hazard", tag), key
            opens = sees and (purpose == AttachmentPurpose.REPORT or placing.reads(key, tag))
            assert (answer.status_code == 200) == opens, (key, purpose)
            written = DisputeAccess.objects.filter(pk__gt=last, person__username=key, kind="exported")
            assert [scene.tag(one.dispute_id) for one in written] == ([tag] if opens else []), (key, purpose)
        assert client_of().get(f"/files/{row.pk}/").status_code == 404


def test_the_link_of_a_party_tells_nothing_before_the_digits(scene):
    """Whoever holds the paper with the code, signed in as anybody or as nobody."""
    for tag, token in scene.tokens.items():
        for user in (None, scene.user("neighbour"), scene.user("administrator")):
            client = client_of(user)
            for rest in ("", "papers/agreement/"):
                answer = client.get(f"/r/p/{token}/{rest}")
                text = answer.content.decode()
                assert not found_in(text) and scene.disputes[tag].number not in text


def test_nobody_is_shown_anything_without_signing_in(scene):
    client = client_of()
    for door in doors(scene, lambda row: False):
        answer = client.get(door.url)
        assert answer.status_code in (302, 401, 403, 404, 405) or door.model == "partylink", door.url
        assert not _told(answer, door.url), door.url
    assert Dispute.objects.exists() and Role.values
