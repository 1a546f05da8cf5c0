"""Signals that led to a dispute: their words are read by who works on the dispute, and that is a reading of it; who
keeps or brings signals has the masked row. Lists, files and searches, which write none down, show and find no words.
Searches find no word of a hazard that became one either."""

import io

import openpyxl
import pytest

from governance.scoping import grant_for
from governance.testing import assert_relation_forms_agree, snapshot
from governance.workflow import act
from mediation.disputes.recusals import recusal_ask
from mediation.models import Dispute, DisputeAccess, Party, Signal
from mediation.prevention.querysets import READS_SIGNALS
from mediation.prevention.signals import signal_report
from mediation.prevention.tests.test_doors import API, client
from mediation.prevention.tests.village import WORDS, hazard, step
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
TEXT, PLACE = "来电人称何家与马家为一棵树动了手", "老槐树旁第三户"
READERS = ["village_mediator", "county_centre", "operations_centre", "administrator"]
LIST, PAGE = "/admin/mediation/signal/", "/admin/mediation/signal/{}/change/"


@pytest.fixture
def signal(county) -> Signal:
    """A call that was reported as a hazard, which became a dispute."""
    made = Signal.objects.create(
        channel="hotline", area=county.area("community"), type=county.type(), event_date=NOW.date(), received_at=NOW,
        text=TEXT, place=PLACE, longitude=1.0, latitude=2.0,
    )  # fmt: skip
    step(county, step(county, signal_report(made, actor=county.mediator), "assess"), "convert")
    return Signal.objects.with_rows().get(pk=made.pk)


@pytest.fixture
def other(county) -> Signal:
    """A call that led to nothing."""
    return Signal.objects.create(
        channel="hotline", area=county.area("community"), event_date=NOW.date(), received_at=NOW, text="楼道堆物"
    )


@pytest.mark.parametrize(("role", "tier"), [("village_mediator", "general"), ("township_mediator", "complex"),
                                            ("county_centre", "major")])  # fmt: skip
def test_reading_such_a_signal_is_written_down_at_every_door(county, signal, other, role, tier):
    Dispute.objects.update(tier=tier)
    desk, dispute = client(county, role), Dispute.objects.get()
    type_ = {"type": "neighbours"}
    doors = {
        f"{API}/signals/{{}}/": None, PAGE: None, f"{API}/signals/{{}}/type/": type_,
    }  # fmt: skip
    for url, body in doors.items():
        before = DisputeAccess.objects.count()
        for one, more in ((other, 0), (signal, 1)):
            address = url.format(one.pk)
            answer = desk.get(address) if body is None else desk.post(address, body, format="json")
            assert answer.status_code == 200 and one.text in answer.content.decode(), address
            assert DisputeAccess.objects.count() == before + more, address
        row = DisputeAccess.objects.latest("pk")
        assert (row.dispute, row.person.username, row.role, row.kind, row.what) == (
            dispute, role, role, "read", f"mediation.signal {signal.pk}",
        )  # fmt: skip


def masked(county, signal, key) -> None:
    """Check that somebody has the row of a signal, none of its words at any door, and leaves nothing behind."""
    desk, before = client(county, key), (DisputeAccess.objects.count(), snapshot(signal))
    for url in (f"{API}/signals/{signal.pk}/", PAGE.format(signal.pk)):
        answer = desk.get(url)
        page = answer.content.decode()
        assert answer.status_code == 200 and signal.number in page and TEXT not in page and PLACE not in page, url
    told = desk.get(f"{API}/signals/{signal.pk}/").json()
    assert (told["text"], told["place"], told["longitude"], told["latitude"]) == ("", "", None, None)
    assert (told["channel"], told["type"], told["event_date"]) == ("hotline", "neighbours", str(NOW.date()))
    for url in (f"{API}/signals/{signal.pk}/type/", f"{API}/signals/{signal.pk}/report/", f"{LIST}{signal.pk}/type/",
                f"{LIST}{signal.pk}/report/"):  # fmt: skip
        answer = desk.post(url, {"type": "damages", "area": signal.area.code, "words": "别的话"}, format="multipart")
        assert answer.status_code in (403, 404) and TEXT not in answer.content.decode(), url
        assert TEXT not in desk.get(url).content.decode(), url
    assert (DisputeAccess.objects.count(), snapshot(signal)) == before


@pytest.mark.parametrize("role", ["administrator", "operations_centre", "county_centre", "township_mediator"])
def test_who_does_not_work_on_the_dispute_has_the_masked_row(county, signal, role):
    masked(county, signal, role)


@pytest.mark.parametrize("why", ["accused", "recused"])
def test_a_mediator_who_keeps_out_reads_neither_the_hazard_nor_the_complaint(county, signal, why):
    # given the mediator of the dispute, who reads both
    dispute, desk = Dispute.objects.get(), client(county, "village_mediator")
    Dispute.objects.update(mediator=county.mediator)
    doors = (f"{API}/hazards/{signal.hazard_id}/", f"{API}/signals/{signal.pk}/")
    assert all(TEXT in desk.get(url).content.decode() for url in doors)
    # when the complaint turns out to be about them, or they are recused
    if why == "accused":
        Party.objects.create(dispute=dispute, side="respondent", name="刘娣", user=county.mediator)
    else:
        row = recusal_ask(Dispute.objects.get(), actor=county.mediator, ground="relation")
        act(row, "uphold", actor=county.user("colleague"), mediator=county.user("colleague"))
    # then they read neither any more, and a colleague does
    assert client(county, "village_mediator").get(doors[0]).status_code == 404
    masked(county, signal, "village_mediator")
    assert all(TEXT in client(county, "colleague").get(url).content.decode() for url in doors)


def test_lists_and_single_rows_agree_about_who_reads_words(county, signal, other):
    people = list(county.people.values())
    for tier in ("general", "complex", "major"):
        Dispute.objects.update(tier=tier)
        rows = list(Signal.objects.with_rows())
        for person in people:
            listed = set(Signal.objects.read_by(person))
            assert listed == {row for row in rows if grant_for(READS_SIGNALS, row, person)}, (tier, person)
    assert_relation_forms_agree(Signal.objects.with_rows(), people)


def test_who_may_not_read_it_leaves_no_trace(county, signal):
    for role in ("outside_village_mediator", "outside_county_centre", "grid_worker", "judges_clerk", "counsellor",
                 "joint_department"):  # fmt: skip
        for url in (f"{API}/signals/{signal.pk}/", PAGE.format(signal.pk), f"{LIST}{signal.pk}/report/"):
            answer = client(county, role).get(url)
            assert answer.status_code in (302, 403, 404) and TEXT not in answer.content.decode(), (role, url)
    assert not DisputeAccess.objects.exists()


def test_the_form_that_reports_it_shows_its_words_and_is_a_reading(county, signal):
    assert TEXT in client(county, "village_mediator").get(f"{LIST}{signal.pk}/report/").content.decode()
    assert DisputeAccess.objects.get().what == f"mediation.signal {signal.pk}"


@pytest.mark.parametrize("role", READERS)
def test_lists_files_and_searches_tell_none_of_its_words(county, signal, other, role):
    desk = client(county, role)
    rows = {row["id"]: row for row in desk.get(f"{API}/signals/").json()["results"]}
    assert rows[other.pk]["text"] == other.text
    told = rows[signal.pk]
    assert (told["text"], told["place"], told["longitude"], told["latitude"]) == ("", "", None, None)
    page = desk.get(LIST).content.decode()
    assert signal.number in page and PLACE not in page and TEXT not in page
    answer = desk.post(f"{LIST}export/", {"format": "xlsx"}, "multipart")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    lines = str([[cell.value for cell in row] for sheet in book for row in sheet.rows])
    assert signal.number in lines and PLACE not in lines and TEXT not in lines
    # a search finds what led to nothing by its words, and not what led to a dispute
    assert other.number in desk.get(LIST, {"q": "堆物"}).content.decode()
    for word in ("何家", "老槐树", "动了手"):
        assert signal.number not in desk.get(LIST, {"q": word}).content.decode(), word
    assert not DisputeAccess.objects.exists()


def test_a_search_among_hazards_finds_none_that_became_a_dispute(county):
    # given two hazards of the same words, one of which became a dispute that the mediator works on
    kept, became = hazard(county, place=PLACE), hazard(county, place=PLACE)
    became = step(county, step(county, became, "assess"), "convert")
    desk = client(county, "village_mediator")
    assert {kept.number, became.number} <= _numbers(desk.get("/admin/mediation/hazard/"), kept, became)
    # then words find the one alone: a reading that nobody writes down there is
    for word in (WORDS[:6], "老槐树"):
        assert _numbers(desk.get("/admin/mediation/hazard/", {"q": word}), kept, became) == {kept.number}
    assert not DisputeAccess.objects.exists()
    # and REST has no search in words
    found = desk.get(f"{API}/hazards/", {"search": WORDS[:6]}).json()
    assert not isinstance(found, dict) or {row["id"] for row in found.get("results", [])} in (
        set(),
        {kept.pk, became.pk},
    )


def _numbers(answer, *rows) -> set[str]:
    page = answer.content.decode()
    return {row.number for row in rows if row.number in page}
