"""The imports in the admin: who is offered which, preview, errors, confirm and cancel by POST, template."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from governance.exchange.files import HEADER_LANGUAGES
from governance.exchange.importers import grant_to_import, importers, importers_for
from governance.exchange.tests.material import text
from governance.models import Event, ImportRun, OrgUnit

ROLES = ["administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
         "community_staff"]  # fmt: skip
ADD = reverse("admin:governance_importrun_add")
LIST = reverse("admin:governance_importrun_changelist")


def units(*rows) -> list[list[str]]:
    rows = rows or (["u1", "甲局", "department", "990100"], ["u2", "乙局", "other", "990100"])
    return [["code", "name", "kind", "area"], *rows]


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(run, name="change") -> str:
    return reverse(f"admin:governance_importrun_{name}", args=[run.pk])


def bring(client, rows, key="governance.orgunit", **more):
    file = SimpleUploadedFile("units.csv", text(rows).content)
    return client.post(f"{ADD}?importer={key}", {"file": file, **more})


@pytest.mark.parametrize("role", ROLES)
def test_only_people_who_may_import_something_find_the_page(city, role):
    client, may = client_of(city.user(role)), bool(importers_for(city.user(role)))
    units_too = role == "administrator"
    for address in (LIST, ADD):
        assert client.get(address).status_code == (200 if may else 403), address
    assert client.get(f"{ADD}?importer=governance.orgunit").status_code == (200 if units_too else 404 if may else 403)
    assert bring(client, units()).status_code == (302 if units_too else 404 if may else 403)
    assert ImportRun.objects.exists() == units_too
    shown = client.get(reverse("admin:governance_orgunit_changelist")).content.decode()
    assert (f"{ADD}?importer=governance.orgunit" in shown) == units_too


def test_a_file_is_shown_before_it_is_stored_and_stored_on_confirmation(city):
    # given an administrator who brings a good file
    client = client_of(city.user("administrator"))
    response = bring(client, units())
    run = ImportRun.objects.get()
    assert response["Location"] == page(run)
    # then the page shows what it would do, and nothing is stored
    html = client.get(page(run)).content.decode()
    assert "甲局" in html and "乙局" in html and page(run, "confirm") in html
    assert not OrgUnit.objects.filter(code="u1").exists()
    # when it is looked at by GET nothing starts; by POST it does
    assert client.get(page(run, "confirm")).status_code == 405
    assert client.post(page(run, "confirm")).status_code == 302
    run.refresh_from_db()
    assert run.state == "running"
    html = client.get(page(run)).content.decode()
    assert "hx-get" in html and 'role="progressbar"' in html
    assert "HX-Refresh" not in client.get(page(run, "progress"))
    # a second press is told so
    assert client.post(page(run, "confirm")).status_code == 409


def test_bad_lines_are_shown_with_line_column_and_why_and_come_as_excel(city):
    client = client_of(city.user("administrator"))
    bring(client, units(["u1", "甲局", "无此类", "990100"], ["u2", "乙局", "other", "123"]))
    run = ImportRun.objects.get()
    html = client.get(page(run)).content.decode()
    assert page(run, "confirm") not in html and "无此类" in html and "123" in html
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(page(run, "errors")).streaming_content))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == [2, 3] and rows[1][2] and "无此类" in rows[1][3]
    assert client.post(page(run, "confirm")).status_code == 400
    assert ImportRun.objects.get().state == "checked"


def test_a_file_that_cannot_be_read_is_said_on_the_form(city):
    client = client_of(city.user("administrator"))
    response = bring(client, [["没有这列"], ["1"]])
    assert response.status_code == 400 and "没有这列" in response.content.decode()
    missing = client.post(f"{ADD}?importer=cases.catalogue", {"file": SimpleUploadedFile("a.csv", b"x")})
    assert missing.status_code == 400
    assert not ImportRun.objects.exists() and not Event.objects.filter(name__startswith="import").exists()


def test_somebody_elses_run_is_looked_at_by_who_rules_there_and_touched_by_nobody_else(city):
    # given a run of the administrator of the other street
    theirs = client_of(city.outsider("administrator"))
    bring(theirs, units(["u9", "丙局", "other", "990102002"]))
    run = ImportRun.objects.get()
    # then the city's administrator sees it but may not confirm or cancel
    city_wide = client_of(city.user("administrator"))
    assert city_wide.get(page(run)).status_code == 200
    for name in ("confirm", "cancel"):
        assert city_wide.post(page(run, name)).status_code == 403
    # and a run of the city is nothing to the street's
    bring(city_wide, units())
    other = ImportRun.objects.order_by("id").last()
    for name in ("change", "progress", "errors"):
        assert theirs.get(page(other, name)).status_code == 404
    for name in ("confirm", "cancel"):
        assert theirs.post(page(other, name)).status_code == 404
    assert {row.state for row in ImportRun.objects.all()} == {"checked"}
    assert theirs.post(page(run, "cancel")).status_code == 302
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_rows_outside_ones_area_are_bad_lines(city):
    client = client_of(city.outsider("administrator"))
    bring(client, units(["u8", "甲局", "other", "990100"], ["water", "改名", "department", "990102002"]))
    run = ImportRun.objects.get()
    assert [error[1] for error in run.errors] == [2, 3]


def test_the_excel_form_of_every_importer_can_be_brought_back(city):
    # given the empty forms, as those who may import get them
    clients = {name: client_of(person) for name, person in city.people.items()}
    for key, cls in importers().items():
        client = next(clients[name] for name, person in city.people.items() if grant_to_import(cls, person))
        response = client.get(reverse("admin:governance_importrun_template", args=[key]))
        assert response.status_code == 200, key
        sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
        header = [cell.value for cell in sheet[1]]
        # then each column has a Chinese header with a comment
        assert len(header) == len(cls.columns), key
        assert all(cell.comment and cell.comment.text for cell in sheet[1])
        # and in each language no two columns share a header
        for language in HEADER_LANGUAGES:
            with translation.override(language):
                assert len({str(column.label) for column in cls.columns}) == len(cls.columns), (key, language)
    client = clients["administrator"]
    response = client.get(reverse("admin:governance_importrun_template", args=["governance.orgunit"]))
    form = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    form.active.append(["u1", "甲局", None, "部门", "990100"])
    filled = io.BytesIO()
    form.save(filled)
    file = SimpleUploadedFile("units.xlsx", filled.getvalue())
    client.post(f"{ADD}?importer=governance.orgunit", {"file": file})
    run = ImportRun.objects.get()
    assert (run.adds, run.errors) == (1, [])


def test_writing_needs_the_csrf_token(city):
    client = client_of(city.user("administrator"))
    bring(client, units())
    run = ImportRun.objects.get()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(city.user("administrator"))
    assert bring(strict, units()).status_code == 403
    for name in ("confirm", "cancel"):
        assert strict.post(page(run, name)).status_code == 403
    assert ImportRun.objects.get().state == "checked"
