"""The list of readings tells in words what was read, in every door; what is kept stays as it is."""

import csv
from io import StringIO

import pytest

from cases.tests.api import client_of
from mediation.access import access_record
from mediation.access_labels import what_told
from mediation.models import Dispute, DisputeAccess

WORDS = {  # by hand
    "mediation.judicialconfirmation:2:admit": "司法确认 J000002：受理确认申请",
    "paper:whole_file": "整卷文书",
    "paper:agreement": "人民调解协议书",
    "own page": "当事人页面",
    "mediation.mediationnote 3": "调解记录 3",
    "mediation.agreement:draft": "调解协议：起草",
    "mediation.agreement:12": "调解协议 A000012",
    "mediation.followupvisit:4": "回访 V000004",
    "mediation.dispute": "纠纷 D000009",
    "mediation.dispute 9, search": "纠纷 D000009：查找",
    "mediation.dispute 9, xlsx": "纠纷 D000009",
    "mediation.party 5: name, phone": "当事人 5：姓名或名称，电话",
    "mediation.track 6 mediation.disputefile": "联合调解 6：纠纷附件",
    "mediation.disputefile": "纠纷附件",
    "paper:unknown": "paper:unknown",
    "mediation.nothing 4": "mediation.nothing 4",
    "something else": "something else",
}


@pytest.mark.parametrize("what", WORDS)
def test_what_was_read_in_words(what):
    access = DisputeAccess(dispute=Dispute(pk=9), what=what)
    assert what_told(access) == WORDS[what]


@pytest.mark.django_db
def test_every_door_shows_words_and_what_is_kept_is_as_before(county):
    # given a reading of a confirmation and of the file's papers
    dispute = county.mediating()
    for what in ("mediation.judicialconfirmation:2:admit", "paper:whole_file"):
        access_record(dispute, actor=county.mediator, what=what)
    client = client_of(county.mediator)
    # then the list and its export show words, no codes
    page = client.get("/admin/mediation/disputeaccess/").content.decode()
    assert "司法确认 J000002：受理确认申请" in page and "整卷文书" in page and "paper:whole_file" not in page
    sheet = client.post("/admin/mediation/disputeaccess/export/", {"format": "csv"}, format="multipart")
    rows = list(csv.reader(StringIO(b"".join(sheet.streaming_content).decode("utf-8-sig"))))
    assert any("司法确认 J000002：受理确认申请" in row for row in rows) and not any(
        "paper:whole_file" in row for row in rows
    )
    # and REST both
    (told,) = [
        row for row in client.get("/api/v1/mediation/accesses/").json()["results"] if row["what"] == "paper:whole_file"
    ]
    assert told["what_label"] == "整卷文书"
