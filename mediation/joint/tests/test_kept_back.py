"""A record that should have been a caucus note: no kind is preset, and its writer takes it out of the file again."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Remark
from mediation.agreements.documents.papers import paper_take
from mediation.joint.notes import note_keep_back, note_write
from mediation.models import DisputeAccess, MediationNote

pytestmark = pytest.mark.django_db
V, T = "village_mediator", "township_mediator"
WORDS = "父亲私下说最低两千元可以接受"


@pytest.fixture
def record(work):
    return note_write(work.general(), actor=work.user(V), kind="record", text=WORDS)


def page_of(note) -> str:
    return f"/admin/mediation/mediationnote/{note.pk}/"


def printed(dispute, actor) -> str:
    _name, content = paper_take(dispute, "record", actor=actor)
    return ZipFile(BytesIO(content)).read("word/document.xml").decode()


def test_no_kind_of_note_is_preset(work):
    # given the form as it is opened
    dispute = work.general()
    client, page = client_of(work.user(V)), f"/admin/mediation/mediationnote/add/?dispute={dispute.number}"
    form = client.get(page)
    assert 'type="radio" name="kind"' in form.content.decode() and "checked" not in form.content.decode()
    # when it is sent without a kind, by either door
    body = {"dispute": dispute.number, "text": WORDS}
    refused = client.post(page, body, format="multipart")
    # then it is refused at the field and nothing is written
    assert refused.status_code == 400 and "kind" in refused.context["form"].errors
    assert client.post("/api/v1/mediation/notes/", body, format="json").status_code == 400
    assert not MediationNote.objects.exists()


@pytest.mark.parametrize("door", ["admin", "api"])
def test_the_writer_makes_a_record_a_caucus_note_and_it_is_gone_everywhere(work, record, clock, door):
    # given a record that the writer printed and a colleague read
    writer, colleague = client_of(work.user(V)), client_of(work.user("colleague"))
    assert WORDS in printed(record.dispute, work.user(V))
    assert WORDS in colleague.get(f"/api/v1/mediation/notes/{record.pk}/").json()["text"]
    # when the writer makes it a caucus note
    assert f"{page_of(record)}keep-back/" in writer.get(f"{page_of(record)}change/").content.decode()
    if door == "admin":
        assert writer.get(f"{page_of(record)}keep-back/").status_code == 200
        assert (
            writer.post(f"{page_of(record)}keep-back/", {"reason": "选错了种类"}, format="multipart").status_code == 302
        )
    else:
        answer = writer.post(f"/api/v1/mediation/notes/{record.pk}/keep-back/", {"reason": "选错了种类"}, format="json")
        assert answer.status_code == 200 and answer.json()["kind"] == "caucus"
    clock.shift(60)
    # then no paper, no export and no colleague tells it
    assert WORDS not in printed(record.dispute, work.user(V))
    for client in (writer, colleague):
        file = client.post("/admin/mediation/mediationnote/export/", {"format": "csv"}, format="multipart")
        content = b"".join(file.streaming_content) if file.streaming else file.content
        assert WORDS not in content.decode()
    assert colleague.get(f"/api/v1/mediation/notes/{record.pk}/").status_code == 404
    assert colleague.get(f"{page_of(record)}change/").status_code in (302, 404)
    assert colleague.get(f"{page_of(record)}history/").status_code in (302, 404)
    # the writer reads it, and who had read and taken it; not what the writer merely looked at
    told = writer.get(f"/api/v1/mediation/notes/{record.pk}/").json()
    assert told["text"] == WORDS
    assert [(row["who"], row["kind"]) for row in told["taken"]] == [
        (str(work.user("colleague")), "read"), (str(work.user(V)), "exported"),
    ]  # fmt: skip
    page = writer.get(f"{page_of(record)}change/").content.decode()
    assert 'id="taken"' in page and str(work.user("colleague")) in page and "keep-back" not in page
    # the history says that it happened: to the dispute without a reason, nowhere with words
    assert [event.payload for event in Event.objects.filter(name="dispute.record_kept_back")] == [
        {"dispute": record.dispute.number, "note": record.pk}
    ]
    assert list(Remark.objects.filter(event__name__contains="kept_back").values_list("text", flat=True)) == [
        "选错了种类"
    ]
    assert not any(WORDS in str(payload) for payload in Event.objects.values_list("payload", flat=True))
    assert not any(WORDS in what for what in DisputeAccess.objects.values_list("what", flat=True))


def test_nobody_but_the_writer_does_it_and_not_for_ever(work, record):
    # given a colleague, a superior and a neighbour
    for who in ("colleague", T, "administrator", "neighbour"):
        with pytest.raises(NotPermitted):
            note_keep_back(record, actor=work.user(who), reason="误选")
        client = client_of(work.user(who))
        api = client.post(f"/api/v1/mediation/notes/{record.pk}/keep-back/", {"reason": "误选"}, format="json")
        assert api.status_code in (403, 404), who
        assert client.post(f"{page_of(record)}keep-back/", {"reason": "误选"}, format="multipart").status_code in (
            302,
            403,
            404,
        ), who
    # nor the writer without a reason
    with pytest.raises(Invalid) as refused:
        note_keep_back(record, actor=work.user(V), reason="  ")
    assert refused.value.field == "reason"
    # nor once the file is archived
    type(record.dispute).objects.filter(pk=record.dispute_id).update(state="archived")
    with pytest.raises(Conflict) as refused:
        note_keep_back(record, actor=work.user(V), reason="误选")
    assert refused.value.code == "archived"
    assert "keep-back" not in client_of(work.user(V)).get(f"{page_of(record)}change/").content.decode()
    assert MediationNote.objects.get().kind == "record"
    # nor twice
    type(record.dispute).objects.filter(pk=record.dispute_id).update(state="mediating")
    note_keep_back(record, actor=work.user(V), reason="误选")
    with pytest.raises(Conflict):
        note_keep_back(record, actor=work.user(V), reason="误选")


def test_a_caucus_note_from_the_start_tells_of_no_takers(work, record):
    caucus = note_write(record.dispute, actor=work.user(V), kind="caucus", text=WORDS)
    paper_take(record.dispute, "record", actor=work.user(V))
    assert client_of(work.user(V)).get(f"/api/v1/mediation/notes/{caucus.pk}/").json()["taken"] == []
