"""That somebody complained elsewhere is not found out by bringing in: neither by checking a file, which stores nothing
and may be repeated, nor by a source with its key."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.tests.api import client_of
from governance.exchange.engine import check
from governance.exchange.importers import importer_named
from governance.exchange.runs import import_now
from governance.models import Role
from mediation.models import Signal, SignalSource
from mediation.prevention.keys import signal_key_issue
from mediation.prevention.tests.test_signals import CENTRE, LEAKS, record, take, xlsx
from mediation.prevention.tests.village import HOTLINE

pytestmark = pytest.mark.django_db
HEADER = ["received_at", "channel", "area", "type", "complainant", "text"]
REPEATS = "同一诉求人"


@pytest.fixture
def petitions(county) -> SignalSource:
    return SignalSource.objects.create(code="petitions", name="信访", channel="petition", area=county.area("district"),
                                       mapping=HOTLINE)  # fmt: skip


def line(phone: str, words: str, on: str = "2026-05-02 08:00") -> list[str]:
    return [on, "hotline", "990102001001", "neighbours", phone, words]


def checked(county, *lines) -> list[str]:
    """Return what a check of a file tells beside its lines."""
    return check(importer_named("mediation.signals")({}), xlsx(HEADER, *lines), actor=county.user(CENTRE)).notes


def test_a_check_tells_the_same_whether_somebody_has_complained_or_not(county, petitions):
    # given somebody who has petitioned
    take(county, petitions, record(1))
    for words in (["换个说法"], ["换个说法", "再换一个说法"]):
        # when files are checked that name them, and somebody nobody knows
        known, unknown = (checked(county, *(line(phone, said) for said in words))
                          for phone in ("13900001111", "13900009999"))  # fmt: skip
        # then both are told alike: what repeats within the file
        assert known == unknown and len(known) == len(words) - 1
    # and by REST too
    body = {"importer": "mediation.signals", "file": xlsx_upload(line("13900001111", "换个说法")), "dry_run": "true"}
    answer = client_of(county.user(CENTRE)).post("/api/v1/imports/", body, format="multipart")
    assert answer.status_code == 201 and answer.json()["notes"] == [] and Signal.objects.count() == 1


def xlsx_upload(*lines):
    source = xlsx(HEADER, *lines)
    return SimpleUploadedFile(source.name, source.content)


def test_once_it_is_stored_the_whole_file_is_told_as_one_number(county, petitions):
    take(county, petitions, record(1))
    run = import_now(actor=county.user(CENTRE), key="mediation.signals", options={},
                     sources=[xlsx(HEADER, line("13900001111", "甲"), line("13900001111", "乙"),
                                   line("13900002222", "丙"))])  # fmt: skip
    assert len(run.notes) == 1 and run.notes[0].startswith("2 ") and Signal.objects.events().count() == 2


def test_a_source_is_told_of_its_own_records_alone(county, hotline, petitions):
    # given somebody who has petitioned, and the keys of two sources
    petition = take(county, petitions, record(1))[0].signal
    _key, secret = signal_key_issue(hotline, actor=county.user(Role.ADMINISTRATOR))

    def send(*records) -> list[dict]:
        answer = client_of().post("/api/v1/mediation/signal-intake/hotline/", {"records": records}, format="json",
                                  HTTP_AUTHORIZATION=f"Signals {secret}")  # fmt: skip
        return answer.json()["results"]

    # when the hotline sends a record of the same person, and one of somebody nobody knows
    known, unknown = send(record(2), record(3, 来电号码="13900009999"))
    # then both are told alike, though the former is stored as a repetition and not counted
    assert {(one["status"], one["duplicate_of"]) for one in (known, unknown)} == {("new", None)}
    own = Signal.objects.get(source=hotline, external_id="W2")
    assert own.duplicate_of == petition and Signal.objects.events().count() == 2
    # and what repeats its own record is told as that, of both alike, in one sending or in two
    for number in (4, 6):
        told = send(record(number), record(number + 1, 来电号码="13900009999"))
        assert [(one["status"], one["duplicate_of"]) for one in told] == [
            ("duplicate", known["signal"]), ("duplicate", unknown["signal"]),
        ]  # fmt: skip
    # but who is signed in is told, who reads it in the list anyway
    staff = take(county, hotline, record(8, 诉求内容=f"{LEAKS}又"))[0]
    assert (staff.status, staff.event) == ("duplicate", petition)
