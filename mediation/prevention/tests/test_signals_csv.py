"""Records of the hotline as CSV: Chinese encodings, the saved mapping, repeats, a bad line named and nothing stored."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.tests.api import client_of
from governance.exchange.runs import carry_out
from governance.exchange.tests.material import text
from governance.models import ImportRun
from mediation.models import Signal
from mediation.prevention.complainants import complainant_hash
from mediation.prevention.mapping import FIELDS
from mediation.prevention.tests.test_signals import LEAKS

API, ADMIN = "/api/v1/imports/", "/admin/governance/importrun/"
HEADER = ["工单编号", "受理时间", "来电号码", "所属社区", "诉求类别", "诉求内容", "承办单位"]  # the last is nobody's
PLACE = "990102001001"
ROWS = [
    ["W1", "2026-05-01 09:30", "13900001111", PLACE, "邻里矛盾", LEAKS, "甲局"],
    ["W2", "2026/5/20 9:30", "13900001111", PLACE, "邻里矛盾", f"{LEAKS}，\n“还没人管”", ""],  # the same caller again
    ["W3", "2026-05-02", "13900002222", PLACE, "欠薪", "装修队欠我们三个月工资，说好五月给又拖", "乙局"],
]


def upload(rows, encoding, name="12345工单.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text([HEADER, *rows], name, encoding).content)


def by_api(user, file) -> dict:
    body = {"importer": "mediation.signals", "source": "hotline", "file": file}
    answer = client_of(user).post(API, body, format="multipart")
    assert answer.status_code == 201, answer.content
    return answer.json()


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_of_the_hotline_comes_in_by_the_saved_mapping_in_every_encoding(county, hotline, encoding):
    centre = county.user("operations_centre")
    # when it is brought, then it is looked at first: what it adds, and what repeats
    told = by_api(centre, upload(ROWS, encoding))
    assert (told["state"], told["lines"], told["adds"], told["errors"]) == ("checked", 3, 3, [])
    assert not Signal.objects.exists()
    # when it is confirmed
    assert client_of(centre).post(f"{API}{told['id']}/confirm/").status_code == 200
    carry_out(told["id"])
    assert ImportRun.objects.get().state == "done"
    # then each line is a signal, read by the mapping, with a hash in the caller's place
    first, again, wages = Signal.objects.order_by("external_id")
    assert (first.text, first.event_date, first.channel) == (LEAKS, date(2026, 5, 1), "hotline")
    assert (first.type.code, wages.type.code) == ("neighbours", "migrant_wages") and first.area.code == PLACE
    assert again.text.endswith("“还没人管”") and again.duplicate_of == first
    assert first.complainant == complainant_hash("13900001111") and "1390000" not in str(first.__dict__)
    assert Signal.objects.events().count() == 2


@pytest.mark.django_db
def test_the_same_csv_again_stores_nothing_in_whatever_encoding(county, hotline):
    centre = county.user("operations_centre")
    carried = [by_api(centre, upload(ROWS, encoding)) for encoding in ("gbk", "utf-8")]
    for told in carried:
        client_of(centre).post(f"{API}{told['id']}/confirm/")
        carry_out(told["id"])
    assert Signal.objects.count() == 3
    told = by_api(centre, upload([*ROWS, ["W4", *ROWS[2][1:]]], "gbk"))
    # one more line of the same caller about the same is a repetition of its event
    assert (told["lines"], told["adds"], told["same"]) == (4, 1, 3)


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["api", "admin"])
@pytest.mark.parametrize(("column", "value", "field"), [
    (1, "不知道", "received_at"), (1, "", "event_date"), (3, "无此社区", "area"), (3, "990103", "area"),
    (1, "2099-01-01", "event_date"), (0, "x" * 121, "external_id"),
])  # fmt: skip
def test_a_bad_line_is_named_and_nothing_of_the_file_is_stored(county, hotline, door, column, value, field):
    # given a file whose last line is wrong, after one whose cell holds a line break
    bad = ["W4", "2026-05-03", "13900003333", PLACE, "欠薪", "包工头拖欠工资", ""]
    bad[column] = value
    file = upload([*ROWS, bad], "gbk")
    centre = county.user("operations_centre")
    if door == "api":
        told = by_api(centre, file)
        number = told["id"]
        (error,) = told["errors"]
        assert error["line"] == 6 and str(FIELDS[field]) in error["message"], error
        assert client_of(centre).post(f"{API}{number}/confirm/").status_code == 400
    else:
        client = client_of(centre)
        answer = client.post(
            f"{ADMIN}add/?importer=mediation.signals", {"file": file, "source": "hotline"}, "multipart"
        )
        assert answer.status_code == 302, answer.content[:500]
        number = ImportRun.objects.get().pk
        page = client.get(f"{ADMIN}{number}/change/").content.decode()
        assert "6" in page and str(FIELDS[field]) in page and f"{ADMIN}{number}/confirm/" not in page
        client.post(f"{ADMIN}{number}/confirm/")
    assert ImportRun.objects.get(pk=number).state == "checked" and not Signal.objects.exists()


@pytest.mark.django_db
def test_a_csv_that_is_no_text_or_brought_by_others_is_refused(county, hotline):
    centre = county.user("operations_centre")
    body = {"importer": "mediation.signals", "source": "hotline"}
    for content in (b"\x89PNG\x00\x00\x00", "工单编号,诉求内容\nW1,".encode("gbk") + b"\xff\xff\x80", b""):
        answer = client_of(centre).post(API, body | {"file": SimpleUploadedFile("a.csv", content)}, format="multipart")
        assert answer.status_code == 400, content
    for key in ("village_mediator", "township_mediator", "grid_worker", "judges_clerk", "neighbour"):
        answer = client_of(county.user(key)).post(API, body | {"file": upload(ROWS, "gbk")}, format="multipart")
        assert answer.status_code == 403, key
    assert not Signal.objects.exists() and not ImportRun.objects.exists()
