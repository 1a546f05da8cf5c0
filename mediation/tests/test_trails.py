"""What happened to a dispute is told to who may read it, and reading it is written down; the list of all events says
only that somebody acted."""

import pytest
from django.apps import apps
from django.contrib import admin

from cases.tests.api import client_of
from governance import events
from governance.attachments import read_uploads
from governance.models import Attachment, Event
from governance.tests.test_attachments import photo
from mediation.admin.taken import TakenRows
from mediation.glass import glass_break
from mediation.models import Dispute, DisputeAccess, Hazard
from mediation.papers.links import party_claim
from mediation.prevention.reporting import hazard_report
from mediation.tests.world import whole

pytestmark = pytest.mark.django_db
WHY = "接到群众紧急反映，需核实处理情况"
KEPT = sorted((one for one in admin.site._registry.values() if isinstance(one, TakenRows)),
              key=lambda one: one.opts.label_lower)  # fmt: skip


@pytest.fixture
def world(county):
    county.dispute = whole(county)
    return county


def readings(dispute) -> list[str]:
    return list(DisputeAccess.objects.filter(dispute=dispute).order_by("-id").values_list("what", flat=True))


@pytest.mark.parametrize("one", KEPT, ids=lambda one: one.opts.model_name)
def test_reading_what_happened_to_a_row_is_written_down(world, one):
    # given a row of each kind
    row = one.model.objects.filter(**{} if one.model is Dispute else {"dispute": world.dispute}).last()
    readers = [world.user(key) for key in ("village_mediator", "township_mediator", "judges_clerk", "joint_department",
                                           "county_centre")]  # fmt: skip
    read = 0
    for reader in readers:
        before = readings(row.dispute if one.model is not Dispute else row)
        answer = client_of(reader).get(f"/admin/{one.opts.app_label}/{one.opts.model_name}/{row.pk}/history/")
        after = readings(row.dispute if one.model is not Dispute else row)
        # then who is shown it has one reading more, who is not has none
        shown = answer.status_code == 200
        assert after == [f"{one.opts.label_lower}:{row.pk}:history"] * shown + before, (reader, answer.status_code)
        read += shown
    assert read


def test_of_a_hazard_that_became_a_dispute_too(world):
    hazard = Hazard.objects.exclude(dispute=None).first()
    before = len(readings(hazard.dispute))
    answer = client_of(world.user("village_mediator")).get(f"/admin/mediation/hazard/{hazard.pk}/history/")
    assert answer.status_code == 200 and len(readings(hazard.dispute)) == before + 1


def test_a_party_that_acted_by_the_own_account_is_masked_in_trails(world):
    # given a party whose account a signed-in resident claimed
    neighbour = world.user("other_neighbour")
    party = world.dispute.parties.filter(user=None).first()
    party.name = neighbour.name
    party.save()
    assert party_claim(party, user=neighbour) and len(neighbour.name) > 1
    superior = world.user("township_mediator")
    if not Dispute.objects.visible_to(superior).filter(pk=world.dispute.pk).exists():
        glass_break(world.dispute, actor=superior, reason=WHY)
    event = Event.objects.get(name="dispute.party_claimed")
    for reader in (world.user("village_mediator"), superior):
        for page in ("change", "history"):
            told = client_of(reader).get(f"/admin/mediation/dispute/{world.dispute.pk}/{page}/").content.decode()
            assert event.who in told and neighbour.name not in told, (reader, page)
    assert event.who == neighbour.name[:1] + "**"


@pytest.mark.parametrize("key", ["administrator", "operations_centre"])
def test_the_list_of_events_tells_nothing_of_disputes(world, key):
    # given who reads no dispute, but the record of all events
    client = client_of(world.user(key))
    close = Event.objects.filter(subject_type="mediation.dispute").order_by("-id")
    page = client.get("/admin/governance/event/").content.decode()
    # then it says that somebody acted, not what happened to whom
    assert close.exists() and page.count("told on its own page only") + page.count("仅在其自身页面说明") > 0
    for event in close:
        assert events.is_close(event.name) and str(events.label_of(event.name)) not in page
        one = client.get(f"/admin/governance/event/{event.pk}/change/").content.decode()
        assert f"/mediation/dispute/{event.subject_id}/" not in one + page, event.name
        assert not any(f"&quot;{key}&quot;" in one or f'"{key}":' in one for key in event.payload), event.payload
        assert str(event.actor) in one or event.who in one
    # and nothing is counted by what happened
    for name in set(close.values_list("name", flat=True)):
        found = client.get(f"/admin/governance/event/?name={name}").content.decode()
        assert "/admin/governance/event/1" not in found and "仅在其自身页面说明" not in found, name


def test_the_list_of_files_tells_nothing_of_disputes_either(world):
    # given files of a dispute and the photo of a hazard
    reporter = world.user("grid_worker")
    hazard_report(actor=reporter, words="楼道堆物起争执", area=world.area("grid"), photos=read_uploads([photo()]))
    client = client_of(world.user("administrator"))
    files = Attachment.objects.filter(subject_type__startswith="mediation.")
    assert {row.subject_type for row in files} == {"mediation.disputefile", "mediation.hazard"}
    # when an administrator looks at the list, at a file, or takes the list home
    url = "/admin/governance/attachment/"
    taken = client.post(f"{url}export/", {"format": "csv"}, format="multipart")
    pages = [client.get(url).content.decode(), b"".join(taken.streaming_content).decode("utf-8-sig")]
    pages += [client.get(f"{url}{row.pk}/change/").content.decode() for row in files]
    # then they read that mediation has files, not whose, nor who brought them
    for page in pages:
        assert "矛盾" in page or "调解" in page
        for row in files:
            kind = apps.get_model(row.subject_type)._meta.verbose_name
            assert f"/{row.subject_type.split('.')[1]}/{row.subject_id}/" not in page
            assert f"{kind} {row.subject_id}" not in page and str(row.uploaded_by) not in page


def test_every_event_of_a_dispute_or_hazard_is_close(world):
    kept = {one.opts.label_lower for one in KEPT} | {"mediation.hazard"}
    for name in Event.objects.filter(subject_type__in=kept).values_list("name", flat=True).distinct():
        assert events.is_close(name), name
