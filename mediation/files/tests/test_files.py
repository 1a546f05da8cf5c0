"""Files of a dispute: who adds, sees, opens, marks and takes away; what is kept of a photo; what is written down."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import ExifTags, Image

from cases.tests.api import client_of
from governance.attachments import attachments_of, read_uploads
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Attachment, Event
from governance.testing import assert_relation_forms_agree
from governance.tests.test_attachments import photo, stored_files
from governance.workflow import act
from mediation.agreements.tests.deals import drafted, effective, parties, signed_by_parties
from mediation.files.keeping import file_add, file_mark, file_remove
from mediation.glass import glass_break
from mediation.joint.tests.work import Work
from mediation.models import Dispute, DisputeAccess, DisputeFile, JudicialConfirmation

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
ROLES = [
    "administrator", "operations_centre", "dispatcher", "grid_worker", "community_staff", "village_mediator",
    "colleague", "outside_village_mediator", "township_mediator", "county_centre", "joint_department",
    "police_department", "judges_clerk", "respected_helper", "counsellor", "resident", "neighbour",
]  # fmt: skip
CAPTION = "客厅天花板水渍"


@pytest.fixture
def work(county):
    return Work(county)


def scan(name="协议.pdf"):
    return SimpleUploadedFile(name, PDF, "application/pdf")


def from_a_phone():
    """A photo with the place and the time at which it was taken."""
    exif, buffer = Image.Exif(), io.BytesIO()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:06:01 10:00:00"
    gps = {ExifTags.GPS.GPSLongitudeRef: "E", ExifTags.GPS.GPSLongitude: (112.0, 30.0, 0.0),
           ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (28.0, 10.0, 0.0)}  # fmt: skip
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    Image.new("RGB", (40, 30), "blue").save(buffer, "JPEG", exif=exif)
    return SimpleUploadedFile("何秀英家.jpg", buffer.getvalue(), "image/jpeg")


def added(county, dispute=None, **given) -> DisputeFile:
    """A file of a dispute in mediation, as its mediator added it."""
    dispute = dispute or county.mediating()
    given = {"actor": county.handler(dispute), "kind": "evidence", "uploads": read_uploads([photo()]),
             "caption": CAPTION} | given  # fmt: skip
    return file_add(dispute, **given)


@pytest.mark.parametrize("door", ["admin", "api", "phone"])
def test_whoever_mediates_adds_photos_and_pdf_and_nobody_else_does(county, door):
    dispute = county.mediating()
    urls = {"admin": f"/admin/mediation/dispute/{dispute.pk}/files/new/",
            "api": f"/api/v1/mediation/disputes/{dispute.pk}/files/",
            "phone": f"/m/disputes/{dispute.pk}/files/new/"}  # fmt: skip
    field = "photos" if door == "phone" else "files"

    def sent(by):
        body = {"kind": "evidence", "caption": CAPTION, field: [from_a_phone(), scan()]}
        return client_of(county.user(by)).post(urls[door], body, format="multipart")

    # given those who do not carry it on, then nothing is added
    for role in set(ROLES) - {"village_mediator", "colleague"}:
        assert sent(role).status_code in (302, 403, 404), role
        assert not DisputeFile.objects.exists() and not Attachment.objects.exists(), role
    # when the mediator sends a photo and a scan
    answer = sent("village_mediator")
    assert answer.status_code == (201 if door == "api" else 302), answer.content[:600]
    row = DisputeFile.objects.get()
    assert (row.kind, row.caption, row.pages, row.for_court) == ("evidence", CAPTION, 2, False)
    picture, paper = attachments_of(row)
    # then nothing is left of the place and the time, nor of the name that the file had
    assert (picture.content_type, paper.content_type) == ("image/jpeg", "application/pdf")
    assert picture.taken_at is None and picture.longitude is None
    assert not Image.open(picture.file.open()).getexif() and "何" not in picture.file.name
    # and the event holds numbers and codes
    event = Event.objects.get(name="dispute.file_added")
    assert event.subject_id == dispute.pk and event.payload["file"] == row.pk and CAPTION not in str(event.payload)
    assert set(event.payload) == {"dispute", "type", "tier", "file", "kind", "pages", "track"}


def test_what_is_wrong_is_refused_at_every_door_and_nothing_is_stored(county, settings):
    dispute = county.mediating()
    client = client_of(county.mediator)
    usual = {"kind": "evidence", "caption": CAPTION}
    wrong = [
        {"files": []}, {"files": [SimpleUploadedFile("x.jpg", b"<svg onload=alert(1)>", "image/jpeg")]},
        {"files": [SimpleUploadedFile("x.pdf", PDF + b"PK\3\4", "application/pdf")]},
        {"files": [photo() for _ in range(settings.ATTACHMENT_MAX_COUNT + 1)]},
        {"files": [photo()], "caption": "长" * 201}, {"files": [photo()], "caption": "a\0b"},
        {"files": [photo()], "kind": "track_document"}, {"files": [photo()], "kind": "caucus"},
        {"files": [photo(), SimpleUploadedFile("leer.jpg", b"", "image/jpeg")]},
    ]  # fmt: skip
    for given in wrong:
        for url, field in ((f"/api/v1/mediation/disputes/{dispute.pk}/files/", "files"),
                           (f"/admin/mediation/dispute/{dispute.pk}/files/new/", "files"),
                           (f"/m/disputes/{dispute.pk}/files/new/", "photos")):  # fmt: skip
            files = [file for file in given["files"] if file.seek(0) == 0]
            body = usual | {key: value for key, value in given.items() if key != "files"} | {field: files}
            answer = client.post(url, body, format="multipart")
            assert answer.status_code == 400, (url, given, answer.status_code)
    for field, given in (("kind", {"kind": "caucus"}), ("track", {"kind": "track_document"}),
                         ("files", {"uploads": []}), ("caption", {"caption": "长" * 201})):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            added(county, dispute, **given)
        assert refused.value.field == field
    assert not DisputeFile.objects.exists() and not stored_files(settings)


def test_sending_it_twice_with_one_key_adds_it_once(county):
    dispute = county.mediating()
    client = client_of(county.mediator)
    answers = [
        client.post(f"/api/v1/mediation/disputes/{dispute.pk}/files/", {"kind": "other", "files": [scan()]},
                    format="multipart", headers={"Idempotency-Key": "one"})
        for _ in range(2)
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json() and DisputeFile.objects.count() == 1


def test_it_is_shown_on_the_pages_and_reading_it_is_written_down(county):
    row = added(county, uploads=read_uploads([photo(), scan()]))
    client, content = client_of(county.mediator), [str(one.pk) for one in attachments_of(row)]
    for page in (f"/admin/mediation/dispute/{row.dispute_id}/change/", f"/m/disputes/{row.dispute_id}/"):
        told = client.get(page).content.decode()
        assert CAPTION in told and all(f"/files/{key}/" in told for key in content), page
    before = DisputeAccess.objects.count()
    (listed,) = client.get(f"/api/v1/mediation/disputes/{row.dispute_id}/files/").json()
    one = client.get(f"/api/v1/mediation/files/{row.pk}/").json()
    assert listed == one and [file["id"] for file in one["files"]] == content and one["caption"] == CAPTION
    assert DisputeAccess.objects.count() == before + 2
    # the list of all disputes tells no caption; a file is opened under its own row only
    assert CAPTION not in client.get("/api/v1/mediation/files/").content.decode()
    other = added(county)
    assert client.get(f"/api/v1/mediation/files/{other.pk}/content/{content[0]}/").status_code == 404
    answer = client.get(f"/api/v1/mediation/files/{row.pk}/content/{content[1]}/")
    assert answer["Content-Disposition"].startswith("attachment") and answer["X-Content-Type-Options"] == "nosniff"


def test_a_broken_glass_shows_that_there_is_a_file_and_opens_none(county):
    """It unmasks nobody, and a scan shows names and numbers in the clear."""
    row = added(county)
    (content,) = attachments_of(row)
    administrator = county.user("administrator")
    assert client_of(administrator).get(f"/api/v1/mediation/files/{row.pk}/").status_code == 404
    glass_break(row.dispute, actor=administrator, reason="核查信访事项")
    client = client_of(administrator)
    told = client.get(f"/admin/mediation/dispute/{row.dispute_id}/change/").content.decode()
    assert CAPTION in told and str(content.pk) not in told and "files/new" not in told
    assert client.get(f"/api/v1/mediation/files/{row.pk}/").json()["files"] == []
    assert client.get(f"/files/{content.pk}/").status_code == 404
    assert client.get(f"/api/v1/mediation/files/{row.pk}/content/{content.pk}/").status_code == 404
    with pytest.raises(NotPermitted):
        file_remove(row, actor=administrator, reason="x")


def test_an_organ_adds_and_opens_the_document_of_its_track_and_nothing_else(work):
    # given a track, and evidence beside it
    track = work.make_track()
    dispute = track.dispute
    evidence = added(work.county, dispute, actor=work.user("township_mediator"))
    police = work.user("police_department")
    url, page = f"/api/v1/mediation/tracks/{track.pk}/files/", f"/admin/mediation/track/{track.pk}/files/new/"
    # invited it adds nothing yet
    assert client_of(police).post(url, {"files": [scan()]}, format="multipart").status_code == 409
    assert client_of(police).post(page, {"files": [scan()]}, format="multipart").status_code == 403
    track = work.step(track, "accept")
    # when it takes part, it adds, by both doors; others of its kind do not
    for role in set(ROLES) - {"police_department", "township_mediator"}:
        for door in (url, page):
            answer = client_of(work.user(role)).post(door, {"files": [scan()]}, format="multipart")
            assert answer.status_code in (302, 403, 404), (role, door, answer.status_code)
    assert DisputeFile.objects.count() == 1
    assert client_of(police).post(url, {"files": [scan()]}, format="multipart").status_code == 201
    assert client_of(police).post(page, {"files": [photo()]}, format="multipart").status_code == 302
    assert (
        client_of(work.user("township_mediator")).post(url, {"files": [scan()]}, format="multipart").status_code == 201
    )
    # it does not decide what the court reads, nor adds to another dispute
    with pytest.raises(Invalid):
        file_add(dispute, actor=police, kind="track_document", track=track, uploads=read_uploads([scan()]),
                 for_court=True)  # fmt: skip
    with pytest.raises(NotPermitted):
        file_add(dispute, actor=police, kind="evidence", uploads=read_uploads([scan()]))
    with pytest.raises(Invalid):
        file_add(work.general(), actor=work.user("village_mediator"), kind="track_document", track=track,
                 uploads=read_uploads([scan()]))  # fmt: skip
    # then it sees its documents, and not the evidence
    assert set(DisputeFile.objects.visible_to(police)) == set(track.files.all()) and track.files.count() == 3
    told = client_of(police).get(f"/admin/mediation/track/{track.pk}/change/").content.decode()
    assert told.count("data-file=") == 3 and CAPTION not in told
    assert len(client_of(police).get(url).json()) == 3
    assert client_of(police).get(f"/api/v1/mediation/disputes/{dispute.pk}/files/").status_code == 403
    assert client_of(police).get(f"/files/{attachments_of(evidence).get().pk}/").status_code == 404
    # it takes away what it added by mistake, while it takes part
    file_remove(track.files.first(), actor=police, reason="传错了文件")
    with pytest.raises(NotPermitted):
        file_remove(evidence, actor=police, reason="x")
    work.step(track, "give_up")
    assert not DisputeFile.objects.visible_to(police).exists()
    assert_relation_forms_agree(DisputeFile.objects.with_rows(), list(work.county.people.values()))


@pytest.mark.parametrize("door", ["admin", "api"])
def test_the_document_comes_with_the_result_of_a_track(work, door):
    track = work.in_state("track", "working")
    base = {"admin": "/admin/mediation/track/{}/transition/hand_in/",
            "api": "/api/v1/mediation/tracks/{}/transitions/hand_in/"}[door].format(track.pk)  # fmt: skip
    body = {"result": "双方同意分担", "document": "行政调解书〔2026〕1号", "photos": [scan()]}
    answer = client_of(work.user("police_department")).post(base, body, format="multipart")
    assert answer.status_code in (200, 302), answer.content[:500]
    row = DisputeFile.objects.get()
    assert (row.kind, row.track, row.caption, row.added_by.username) == (
        "track_document", track, "行政调解书〔2026〕1号", "police_department"
    )  # fmt: skip
    # one that may not hand in leaves nothing behind
    other = work.in_state("track", "working")
    with pytest.raises(NotPermitted):
        act(other, "hand_in", actor=work.user("joint_department"), result="x", photos=read_uploads([scan()]))
    assert DisputeFile.objects.count() == 1


def applied(county, dispute) -> JudicialConfirmation:
    """Let both parties apply to the court for confirmation of the agreement in effect."""
    row = JudicialConfirmation.objects.with_rows().get(agreement=effective(county, dispute))
    for party in parties(dispute):
        row = act(row, "consent", actor=county.mediator, party=party, answer="agreed", how="recorded")
    return act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="mediation")


def test_the_clerk_reads_what_is_marked_once_it_is_applied_for(county):
    dispute = county.mediating()
    signed, evidence = (added(county, dispute, kind=kind) for kind in ("signed_agreement", "evidence"))
    signed = file_mark(signed, actor=county.mediator, for_court=True)
    clerk = county.user("judges_clerk")
    content = {row: f"/files/{attachments_of(row).get().pk}/" for row in (signed, evidence)}
    # before the application it is no business of the court's
    assert client_of(clerk).get(content[signed]).status_code == 404
    confirmation = applied(county, dispute)
    # then the clerk sees and opens the marked one
    page = f"/admin/mediation/judicialconfirmation/{confirmation.pk}/change/"
    told = client_of(clerk).get(page).content.decode()
    assert content[signed] in told and content[evidence] not in told and "/mark/" not in told
    assert client_of(clerk).get(content[signed]).status_code == 200
    assert client_of(clerk).get(content[evidence]).status_code == 404
    assert [row["id"] for row in client_of(clerk).get("/api/v1/mediation/files/").json()["results"]] == [signed.pk]
    assert DisputeAccess.objects.filter(person=clerk, role="judges_clerk", kind="exported").count() == 1
    assert_relation_forms_agree(DisputeFile.objects.with_rows(), list(county.people.values()))
    # and no longer when the mark is taken off, which neither clerk nor anybody outside does
    for role in set(ROLES) - {"village_mediator", "colleague"}:
        answer = client_of(county.user(role)).post(f"/api/v1/mediation/files/{signed.pk}/mark/", {"for_court": False},
                                                   format="json")  # fmt: skip
        assert answer.status_code in (403, 404), role
    mark = f"/admin/mediation/dispute/{dispute.pk}/files/{signed.pk}/mark/"
    assert client_of(county.mediator).get(mark).status_code == 200
    answer = client_of(county.mediator).post(mark, {}, format="multipart")
    assert answer.status_code == 400 and "已申请司法确认" in answer.content.decode()
    assert client_of(clerk).get(content[signed]).status_code == 200
    assert Event.objects.filter(name="dispute.file_marked").count() == 1
    # but more may be marked, and that of an application taken back and not made again be unmarked
    assert client_of(county.mediator).post(mark.replace(str(signed.pk) + "/mark", f"{evidence.pk}/mark"),
                                           {"for_court": "on"}, format="multipart").status_code == 302  # fmt: skip
    act(confirmation, "withdraw", actor=county.mediator, reason="双方再考虑")
    act(JudicialConfirmation.objects.get(pk=confirmation.pk), "wanted", actor=county.mediator)
    assert not file_mark(signed, actor=county.mediator, for_court=False).for_court


@pytest.mark.parametrize("door", ["admin", "api", "service"])
@pytest.mark.parametrize("when", ["signed_by_parties", "effective", "applied"])
def test_what_proves_an_agreement_is_not_destroyed(county, settings, when, door):
    # given an agreement that was signed, its scan, a paper for the court, and another one
    dispute = county.mediating()
    scan_, proof, other = (
        added(county, dispute, **given)
        for given in ({"kind": "signed_agreement"}, {"for_court": True}, {"kind": "other"})
    )
    if when == "applied":
        applied(county, dispute)
    elif when == "effective":
        effective(county, dispute)
    else:
        signed_by_parties(county, drafted(county, dispute))
    before = len(stored_files(settings)), Event.objects.count()
    # then neither the scan nor what is for the court is taken away, at no door
    for row in (scan_, proof):
        if door == "service":
            with pytest.raises(Conflict) as refusal:
                file_remove(row, actor=county.mediator, reason="误传")
            assert refusal.value.code == "evidence" and "第二十七条" in str(refusal.value.detail)
        else:
            url = {"admin": f"/admin/mediation/dispute/{dispute.pk}/files/{row.pk}/remove/",
                   "api": f"/api/v1/mediation/files/{row.pk}/remove/"}[door]  # fmt: skip
            answer = client_of(county.mediator).post(url, {"reason": "误传"}, format="multipart")
            assert answer.status_code == (409 if door == "api" else 400) and "第二十七条" in answer.content.decode()
        row.refresh_from_db()
        assert row.removed_at is None and attachments_of(row).exists()
    assert (len(stored_files(settings)), Event.objects.count()) == before
    # and what was marked is unmarked until it lies with the court
    if when == "applied":
        with pytest.raises(Conflict) as refusal:
            file_mark(proof, actor=county.mediator, for_court=False)
        assert refusal.value.code == "at_court"
    else:
        assert not file_mark(proof, actor=county.mediator, for_court=False).for_court
    # another paper, added by mistake, is taken away as before
    file_remove(other, actor=county.mediator, reason="误传")
    other.refresh_from_db()
    assert other.removed_at is not None


def test_a_scan_added_by_mistake_before_anybody_signed_is_taken_away(county):
    dispute = county.mediating()
    drafted(county, dispute)
    row = added(county, dispute, kind="signed_agreement", for_court=True)
    file_remove(row, actor=county.mediator, reason="误传")
    row.refresh_from_db()
    assert row.removed_at is not None


@pytest.mark.parametrize("door", ["admin", "api"])
def test_what_was_added_by_mistake_is_taken_away_for_good(county, settings, door, django_capture_on_commit_callbacks):
    row, other = added(county), added(county)
    (content,) = attachments_of(row)
    urls = {"admin": "/admin/mediation/dispute/{0.dispute_id}/files/{0.pk}/remove/",
            "api": "/api/v1/mediation/files/{0.pk}/remove/"}  # fmt: skip
    url = urls[door].format(row)
    for role in set(ROLES) - {"village_mediator", "colleague"}:
        answer = client_of(county.user(role)).post(url, {"reason": "x"}, format="multipart")
        assert answer.status_code in (302, 403, 404), role
    client = client_of(county.mediator)
    assert client.post(url, {"reason": " "}, format="multipart").status_code == 400
    assert attachments_of(row).exists() and len(stored_files(settings)) == 2
    # when the mediator takes it away with a reason
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(url, {"reason": "误传了他人证件"}, format="multipart").status_code in (200, 302)
    # then content and caption are gone, and that it was there is known
    row.refresh_from_db()
    assert row.caption == "" and row.removed_by == county.mediator and not attachments_of(row).exists()
    assert len(stored_files(settings)) == 1 and client.get(f"/files/{content.pk}/").status_code == 404
    event = Event.objects.get(name="dispute.file_removed")
    assert event.remark.text == "误传了他人证件" and "误传" not in str(event.payload)
    assert f'data-file="{row.pk}"' not in client.get(
        f"/admin/mediation/dispute/{row.dispute_id}/change/").content.decode()  # fmt: skip
    for service in (lambda: file_remove(row, actor=county.mediator, reason="再次"),
                    lambda: file_mark(row, actor=county.mediator, for_court=True)):  # fmt: skip
        with pytest.raises(Conflict):
            service()
    # and nothing of an archived file
    Dispute.objects.filter(pk=other.dispute_id).update(state="archived", archived_at=timezone.now())
    for service in (lambda: file_remove(other, actor=county.mediator, reason="误传"),
                    lambda: added(county, other.dispute)):  # fmt: skip
        with pytest.raises(Conflict):
            service()


def test_a_party_finds_no_file_on_the_own_page(county):
    row = added(county)
    party = parties(row.dispute)[0]
    told = client_of(county.people["neighbour"]).get(f"/r/disputes/{party.pk}/").content.decode()
    assert CAPTION not in told and "/files/" not in told


def test_lists_cost_the_same_for_any_number_of_files(county):
    dispute = county.mediating()
    client = client_of(county.mediator)

    def cost(url):
        with CaptureQueriesContext(
            connection,
        ) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    urls = ["/api/v1/mediation/files/", f"/api/v1/mediation/disputes/{dispute.pk}/files/",
            f"/admin/mediation/dispute/{dispute.pk}/change/", f"/m/disputes/{dispute.pk}/"]  # fmt: skip
    added(county, dispute)
    before = [cost(url) for url in urls]
    for _ in range(4):
        added(county, dispute)
    assert [cost(url) for url in urls] == before
