"""Cases come in by Excel or CSV: through the service that reports them, once each, within one's area and sources."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseReporter
from cases.tests.api import client_of
from governance.exchange.engine import RowsRefused, check, run
from governance.exchange.importers import importer_named
from governance.exchange.tests.material import sheet, text
from governance.models import Event, ImportRun

HEADER = ["reference", "source", "description", "category", "area", "longitude", "latitude", "coordinate_system",
          "address", "reporter_name", "reporter_phone", "reported_at"]  # fmt: skip
RUNS = reverse("admin:governance_importrun_changelist")
GRID, OTHER_GRID = "990102001001001", "990102002001001"


def line(**given) -> list:
    row = {"reference": "R1", "source": "热线", "description": "路灯不亮", "area": GRID} | given
    return [row.get(name, "") for name in HEADER]


def bring(actor, *rows, system=""):
    return run(importer_named("cases.case")({"system": system}), text([HEADER, *rows]), actor=actor)


def wrong(actor, *rows) -> list[tuple[int, str]]:
    """Lines and columns to blame, the same in a check; nothing is stored."""
    before = (Case.objects.count(), Event.objects.count())
    with pytest.raises(RowsRefused) as refused:
        bring(actor, *rows)
    report = check(importer_named("cases.case")(), text([HEADER, *rows]), actor=actor)
    assert [error.line for error in report.errors] == [error.line for error in refused.value.report.errors]
    assert (Case.objects.count(), Event.objects.count()) == before
    return [(error.line, error.column) for error in refused.value.report.errors]


def test_a_list_of_the_hotline_becomes_reported_cases_and_a_longer_one_adds_only_what_is_new(city):
    registrar = city.user("registrar")
    first = line(category="0101", reporter_name="王先生", reporter_phone="13800001111", address="云溪路 8 号",
                 longitude=112.905, latitude=28.205, area="", reported_at="2026-11-20 08:30")  # fmt: skip
    # when the list is brought, then again with one line more, the first changed
    assert bring(registrar, first).adds == 1
    again = bring(registrar, [*first[:2], "路灯还是不亮", *first[3:]], line(reference="R2"))
    assert (again.adds, again.same) == (1, 1) and len(again.notes) == 1
    # then there is one case for each reference, reported as by hand
    case, other = Case.objects.order_by("id")
    assert (case.state, case.source, case.description, case.category) == (
        "reported",
        "hotline",
        "路灯不亮",
        city.category,
    )
    assert (case.area, case.address, case.origin["import"]["ref"]) == (city.grid, "云溪路 8 号", "R1")
    assert f"{timezone.localtime(case.reported_at):%Y-%m-%d %H:%M}" == "2026-11-20 08:30"
    reporter = CaseReporter.objects.get()
    assert (reporter.case, reporter.name, reporter.phone) == (case, "王先生", "13800001111")
    assert case.clocks.filter(stage="verification", ended_at=None).exists()
    assert (other.area, other.reporters.count()) == (city.grid, 0)
    events = Event.objects.filter(name="case.reported")
    assert [(event.actor, event.role) for event in events] == [(registrar, "registrar")] * 2
    assert "王先生" not in str([event.payload for event in Event.objects.all()])


def test_the_same_reference_of_another_system_is_another_case(city):
    registrar = city.user("registrar")
    assert [bring(registrar, line(), system=name).adds for name in ("12345", "110", "12345")] == [1, 1, 0]
    assert Case.objects.count() == 2
    # and its page says where it came from
    client = Client()
    client.force_login(registrar)
    page = client.get(reverse("admin:cases_case_change", args=[Case.objects.earliest("id").pk])).content.decode()
    assert "R1 12345" in page


def test_bad_lines_are_named_with_their_column(city):
    tomorrow = f"{timezone.localtime() + timedelta(days=1):%Y-%m-%d %H:%M}"
    rows = [
        (line(reference=""), "reference"),
        (line(source="没有"), "source"),
        (line(description="长" * 4001), "description"),
        (line(category="9999"), "category"),
        (line(area="1"), "area"),
        (line(area=""), "area"),
        (line(longitude=112.9), "longitude"),
        (line(longitude=113.5, latitude=28.205), "longitude"),
        (line(longitude=112.905, latitude=28.205, coordinate_system="mars"), "coordinate_system"),
        (line(address="长" * 201), "address"),
        (line(reporter_name="长" * 61), "reporter_name"),
        (line(reporter_phone="12"), "reporter_phone"),
        (line(reported_at=tomorrow), "reported_at"),
        (line(reported_at="20.11."), "reported_at"),
        (line(source="sensor"), "source"),
    ]
    for number, (row, _column) in enumerate(rows[1:]):
        row[0] = f"N{number}"
    found = wrong(city.user("registrar"), *(row for row, _column in rows))
    assert found == [(number, column) for number, (_row, column) in enumerate(rows, start=2)]
    assert wrong(city.user("registrar"), line(), line()) == [(3, "")]


def test_a_code_of_two_schemes_asks_which(city):
    type(city.category).objects.create(scheme="other", scheme_version="1", code="0101", name="别的", kind="event")
    assert wrong(city.user("registrar"), line(category="0101")) == [(2, "scheme")]
    rows = [[*HEADER, "scheme"], [*line(category="0101"), "other"]]
    run(importer_named("cases.case")(), text(rows), actor=city.user("registrar"))
    assert Case.objects.get().category.scheme == "other"


@pytest.mark.parametrize(
    ("person", "source", "area", "column"),
    [
        ("dispatcher", "hotline", GRID, None),
        ("community_staff", "resident", GRID, None),
        ("community_staff", "hotline", GRID, "source"),
        # everybody is a resident as well and may report as one anywhere; the list is for work
        ("community_staff", "resident", OTHER_GRID, "area"),
        ("outside_registrar", "hotline", GRID, "area"),
        ("handler", "department", GRID, None),
        ("handler", "resident", GRID, "source"),
        ("grid_worker", "patrol", GRID, None),
        ("grid_worker", "patrol", "990102001", "area"),
    ],
)
def test_people_keep_to_their_area_and_their_sources(city, person, source, area, column):
    row = line(source=source, area=area)
    if column:
        assert wrong(city.people[person], row) == [(2, column)]
    else:
        assert bring(city.people[person], row).adds == 1


def test_a_reference_of_a_case_elsewhere_tells_nothing_of_it(city):
    bring(city.user("registrar"), line())
    before = Event.objects.count()
    assert wrong(city.outsider("registrar"), line(area=OTHER_GRID)) == [(2, "reference")]
    assert Event.objects.count() == before


@pytest.mark.parametrize("role", ["registrar", "grid_worker", "administrator", "supervisor", "resident"])
def test_both_doors_are_open_to_those_who_may_report(city, role):
    # given a sheet, the page in the admin and the address in the API
    person, may = city.user(role), role in ("registrar", "grid_worker")
    source = "网格员" if role == "grid_worker" else "热线"
    content = sheet([HEADER, line(source=source)]).content
    client = Client()
    client.force_login(person)
    shown = client.get(reverse("admin:cases_case_changelist"))
    assert ("importer=cases.case" in shown.content.decode()) == may
    # when it is brought at both
    page = client.post(
        f"{reverse('admin:governance_importrun_add')}?importer=cases.case",
        {"file": SimpleUploadedFile("cases.xlsx", content)},
    )
    given = {"importer": "cases.case", "file": SimpleUploadedFile("cases.xlsx", content)}
    answer = client_of(person).post("/api/v1/imports/", given, format="multipart")
    # then a run waits to be confirmed at each, or nothing happened at all
    assert (page.get("Location", "").startswith(RUNS), answer.status_code == 201) == (may, may)
    assert ImportRun.objects.filter(adds=1, error_count=0).count() == (2 if may else 0)
    assert not Case.objects.exists()


def test_looking_at_a_list_needs_the_same_statements_however_long_it_is(city):
    registrar, importer = city.user("registrar"), importer_named("cases.case")
    bring(registrar, line())

    def looked_at(number: int) -> int:
        rows = [line(reference=f"R{place}") for place in range(1, number + 1)]
        with CaptureQueriesContext(connection) as caught:
            assert check(importer(), text([HEADER, *rows]), actor=registrar).adds == number - 1
        return len(caught)

    assert looked_at(3) == looked_at(30)
