import io
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from PIL import Image

from governance.attachments import attach, attachment_storage, attachments_of, read_uploads, sweep
from governance.errors import Invalid
from governance.models import Attachment, User

pytestmark = pytest.mark.django_db


def photo(name="a.jpg", size=(40, 30)):
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def stored_files(settings):
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] if settings.MEDIA_ROOT.exists() else []


def with_photo(city):
    case = city.open()
    return case, attach(case, read_uploads([photo()]), purpose="report", actor=User.objects.system("public"))[0]


def test_a_photo_is_served_to_who_may_see_the_case_and_to_nobody_else(city, client):
    # given a case led by municipal, with a photo
    case, row = with_photo(city)
    url = f"/files/{row.pk}/"
    # when people inside its scope ask, then they get it, never to be sniffed
    client.force_login(city.user("handler"))
    answer = client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["X-Content-Type-Options"] == "nosniff"
    # when somebody outside asks, signed in or not, then there is no such file
    for person in ("handler", "supervisor", "grid_worker", "community_staff", "dispatcher"):
        client.force_login(city.outsider(person))
        assert client.get(url).status_code == 404, person
    client.force_login(city.user("resident"))
    assert client.get(url).status_code == 404
    client.logout()
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"MZ\x90\x00", b"\xff\xd8\xff broken"])
def test_what_is_no_photo_is_refused_with_its_place_in_the_list(content):
    with pytest.raises(Invalid) as refused:
        read_uploads([photo(), SimpleUploadedFile("x.jpg", content, "image/jpeg")])
    assert refused.value.field == "photos"
    assert "2" in str(refused.value.detail)


def test_too_many_files_are_refused(settings):
    with pytest.raises(Invalid) as refused:
        read_uploads([photo() for _ in range(settings.ATTACHMENT_MAX_COUNT + 1)])
    assert refused.value.code == "too_many"


def test_files_of_a_failed_transaction_are_swept(city, settings):
    # given one photo kept and one whose transaction failed
    case, kept = with_photo(city)
    with pytest.raises(RuntimeError), transaction.atomic():
        attach(case, read_uploads([photo()]), purpose="report", actor=User.objects.system("public"))
        raise RuntimeError
    assert len(stored_files(settings)) == 2
    # when the sweep runs the same day and the next, then today's files are left alone and old orphans go
    assert sweep() == 0
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert sweep() == 1
    assert attachment_storage().exists(kept.file.name)
    assert list(attachments_of(case)) == [kept]
    assert Attachment.objects.count() == 1
