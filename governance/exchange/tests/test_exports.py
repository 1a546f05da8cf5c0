"""Exports of admin lists: what each person sees and no more, harmless cells, bounded, recorded."""

import csv
import io
from datetime import datetime
from urllib.parse import unquote

import openpyxl
import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import format_html

from governance.exchange.exports import cell_of, defused, table_file
from governance.models import Event, OrgUnit, User

ROLES = ["administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
         "community_staff"]  # fmt: skip


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(name="cases_case", query="") -> str:
    return reverse(f"admin:{name}_export_changelist") + query


def export(user, name="cases_case", query="", kind="csv"):
    return client_of(user).post(address(name, query), {"format": kind})


def rows_of(response) -> list[list[str]]:
    """Rows of a CSV answer, header first."""
    assert response.status_code == 200, response.content.decode()[:300]
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def numbers(user, query="") -> set[str]:
    return {row[0] for row in rows_of(export(user, query=query))[1:]}


def test_everybody_exports_just_the_cases_they_list(city):
    # given a case in the first street, one in the second, and one dispatched to municipal
    here, there, led = city.report(), city.report(longitude=112.925, latitude=28.205), city.open()
    people = [city.user(role) for role in ROLES] + [city.outsider(role) for role in ROLES]
    for person in people:
        listed = client_of(person).get("/admin/cases/case/").context["cl"].result_list
        assert numbers(person) == {case.number for case in listed}, person
    # and the sets differ: this test could not pass by exporting everything to everybody
    assert numbers(city.user("handler")) == {led.number}
    assert numbers(city.outsider("grid_worker")) == {there.number}
    assert numbers(city.user("registrar")) == {here.number, there.number, led.number}


def test_filters_and_search_hold_and_are_recorded_by_name_only(city):
    reported, led = city.report(), city.open()
    centre = city.user("operations_centre")
    assert numbers(centre, "?state=dispatched") == {led.number}
    assert numbers(centre, "?q=歪了") == {reported.number}
    first, second = Event.objects.filter(name="export.done").order_by("id")
    assert first.payload == {"model": "cases.case", "filters": ["state"], "rows": 1, "format": "csv"}
    assert second.payload["filters"] == ["q"] and "歪了" not in str(second.payload)
    assert (first.actor, first.subject_type, first.subject_id) == (centre, "governance.user", centre.pk)
    assert first.role == "operations_centre"


def test_columns_are_the_lists_with_its_words(city):
    case = city.open(address="和平路1号")
    header, row = rows_of(export(city.user("operations_centre")))
    assert header[0] == "编号" and len(header) == len(row)
    assert row[0] == case.number and row[1] == case.get_source_display() and row[3] == case.get_state_display()
    assert "和平路1号" in row[5] and "sensors" not in "".join(row) and "<" not in "".join(row)


@pytest.mark.parametrize("role", ROLES)
def test_people_are_exported_by_administrators_only_masked_as_listed(city, role):
    User.objects.filter(username="registrar").update(phone="13800001234")
    response = export(city.user(role), "governance_user")
    if role != "administrator":
        assert response.status_code == 403 and not Event.objects.filter(name="export.done").exists()
        return
    text = "\n".join(",".join(row) for row in rows_of(response))
    assert "138****1234" in text and "13800001234" not in text and "resident" in text


def test_an_administrator_of_a_street_exports_its_people(city):
    rows = rows_of(export(city.outsider("administrator"), "governance_user"))
    names = {row[0] for row in rows[1:]}
    assert "outside_grid_worker" in names and not names & {"administrator", "registrar", "resident"}


def test_no_word_of_a_person_becomes_a_formula(city):
    # given words that a spreadsheet would carry out
    evil = ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "  =1", "＝1"]
    for place, word in enumerate(evil):
        OrgUnit.objects.create(code=f"evil{place}", name=word, kind="other", area=city.city)
    # then in both kinds of file they are text, begun with an apostrophe
    text = rows_of(export(city.user("administrator"), "governance_orgunit", "?q=evil"))
    assert [row[0] for row in text[1:]] == [f"'{word}" for word in evil]
    response = export(city.user("administrator"), "governance_orgunit", "?q=evil", kind="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert sum(str(cell.value).startswith("'") for cell in cells) == len(evil)


def test_figures_and_times_are_figures_and_times():
    file, count = table_file("xlsx", ["=a", "b"], [[-5, datetime(2026, 1, 31, 8, 30)], ["-5", True]])
    sheet = openpyxl.load_workbook(file).active
    assert count == 2 and sheet["A1"].value == "'=a"
    assert (sheet["A2"].value, sheet["B2"].value) == (-5, datetime(2026, 1, 31, 8, 30))
    assert sheet["A3"].value == "'-5"
    assert defused("a\x00\x08b") == "ab"
    icon = format_html('<i class="material-symbols-outlined">route</i><b>{}</b> <small>{}</small>', "<x>", "2")
    assert cell_of(icon) == "<x> 2"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_statements_do_not_grow_with_rows(city, kind):
    def ask(name):
        with CaptureQueriesContext(connection) as caught:
            assert client.post(address(name), {"format": kind}).status_code == 200
        return len(caught)

    client = client_of(city.user("administrator"))
    city.open()
    few = ask("cases_case"), ask("governance_user")
    for _ in range(9):
        city.open()
        city.report()
    for number in range(9):
        User.objects.create_user(f"n{number}", name="新人", is_staff=True)
    assert (ask("cases_case"), ask("governance_user")) == few
    assert max(few) <= 14


def test_a_list_too_long_is_not_exported(city, monkeypatch):
    monkeypatch.setattr("governance.admin.exports.MOST_ROWS", 2)
    for _ in range(3):
        city.report()
    response = export(city.user("registrar"))
    assert response.status_code == 400 and "2" in response.content.decode()
    assert not Event.objects.filter(name="export.done").exists()
    assert len(rows_of(export(city.user("registrar"), query="?state=verified"))) == 1


def test_an_export_is_asked_for_by_post_of_ones_own(city):
    client = client_of(city.user("registrar"))
    assert client.get(address()).status_code == 405
    assert client_of(city.user("resident")).post(address()).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(city.user("registrar"))
    assert strict.post(address(), {"format": "csv"}).status_code == 403
    assert client.post(address(), {"format": "pdf"}).status_code == 400
    assert client.post(address(query="?no_such__thing=1"), {"format": "csv"}).status_code == 400
    assert not Event.objects.filter(name="export.done").exists()


def test_every_list_has_its_export(city):
    city.open()
    client = client_of(User.objects.create_superuser("root", "correct horse battery"))
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        page = client.get(reverse(f"admin:{name}_changelist")).content.decode()
        assert f'action="{address(name)}' in page or 'id="changelist-form"' not in page, name
        for kind in ("xlsx", "csv"):
            response = client.post(address(name), {"format": kind})
            assert response.status_code == 200, name
            assert str(model._meta.verbose_name_plural) in unquote(response["Content-Disposition"])
