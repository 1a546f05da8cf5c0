"""Figures, periods and appeals through admin and API: who sees what, links that lead to what is counted, statements."""

from io import BytesIO
from urllib.parse import urlencode

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case, ScoreAppeal, ScoreLine, ScorePeriod
from cases.scoring import keeping
from cases.tests import scoring
from cases.tests.api import client_of
from cases.tests.scoring import STAFF, admin_of, day, lived, opened, published
from governance.models import Event, OrgUnit
from governance.testing import snapshot
from governance.workflow import act

LIVE = "/admin/cases/scoreperiod/live/"
API = "/api/v1/scores/"
OCTOBER = {"first": "2025-10-01", "last": "2025-10-31"}
WATCHERS = {"administrator", "operations_centre"}


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup, django_db_blocker):
    """The city with its October, published; once for this module."""
    with scoring.loaded(django_db_blocker) as (city, cases):
        yield city, cases, published(city)


@pytest.fixture
def city(loaded, db):
    return loaded[0]


@pytest.fixture
def period(loaded, db):
    return ScorePeriod.objects.get(pk=loaded[2].pk)


def row_of(answer: dict, key) -> dict | None:
    return next((row for row in answer["rows"] if row["key"] == key), None)


@pytest.mark.parametrize("role", STAFF)
def test_who_sees_which_live_figures(city, role):
    # then who watches the area sees all, the unit that led sees its own, everybody else those of theirs: none
    answer = client_of(city.user(role)).get(f"{API}figures/", OCTOBER | {"formula": "city"})
    assert answer.status_code == 200, answer.json()
    row = row_of(answer.json(), city.municipal.pk)
    if role in WATCHERS | {"handler"}:
        assert (row["score"], row["rank"]) == ("78.00", 1)
        assert row["figures"]["handling_rate"] == {"numerator": 4, "denominator": 5, "value": 0.8}
    else:
        assert row is None
    page = admin_of(city.user(role)).get(LIVE, OCTOBER | {"formula": "city"})
    assert page.status_code == 200
    assert [found.name for found in page.context["rows"] if found.key] == (["municipal单位"] if row else [])


def test_residents_and_strangers_see_nothing(city, period):
    resident = city.user("resident")
    for path in ("figures/", "cases/?indicator=handling_rate&part=numerator", "periods/", "lines/", "appeals/",
                 "formulas/", "indicators/"):  # fmt: skip
        assert client_of(resident).get(f"{API}{path}").status_code == 403, path
        assert client_of().get(f"{API}{path}").status_code == 401, path
    for path in (LIVE, reverse("admin:cases_scoreperiod_change", args=[period.pk])):
        assert admin_of(resident).get(path).status_code == 302


def test_a_watcher_of_another_street_sees_nothing_of_this_one(city):
    somebody = city.outsider("operations_centre")
    assert client_of(somebody).get(f"{API}figures/", OCTOBER).json()["rows"] == []
    outside = client_of(somebody).get(f"{API}figures/", OCTOBER | {"area": city.street.code})
    assert outside.status_code == 400 and outside.json()["errors"][0]["attr"] == "area"


@pytest.mark.parametrize("indicator", ["handling_rate", "on_time_handling_rate", "rework_rate", "overdue_open_rate",
                                       "dispatch_accuracy", "action_time_median"])  # fmt: skip
def test_every_figure_leads_to_what_it_counts(city, indicator):
    client = client_of(city.user("operations_centre"))
    totals = client.get(f"{API}figures/", OCTOBER).json()["totals"][indicator]
    for part in ("numerator", "denominator"):
        asked = OCTOBER | {"indicator": indicator, "part": part}
        found = client.get(f"{API}cases/", asked)
        page = admin_of(city.user("operations_centre")).get("/admin/cases/scoreperiod/cases/", asked)
        wanted = totals[part] if totals[part] is not None else totals["denominator"]
        assert len(found.json()["results"]) == wanted == page.context["counted"] == len(page.context["rows"])


def test_a_cell_of_the_page_links_to_its_cases(city):
    client = admin_of(city.user("operations_centre"))
    page = client.get(LIVE, OCTOBER | {"formula": "city"})
    row = next(row for row in page.context["rows"] if row.key == city.municipal.pk)
    for cell in row.cells:
        assert client.get(cell.numerator_url).context["counted"] == cell.figure.numerator
        assert client.get(cell.denominator_url).context["counted"] == cell.figure.denominator
        assert cell.denominator_url.replace("&", "&amp;") in page.content.decode()


def test_a_drill_is_cut_to_the_cases_one_may_open(city):
    # given a case that municipal handled in time and that is water's since
    asked = OCTOBER | {"indicator": "handling_rate", "part": "denominator", "key": str(city.municipal.pk)}
    case = Case.objects.get(reported_at=day(3))
    act(case, "reopen", actor=city.user("registrar"), reason="又坏了", occurred_at=day(4))
    act(case, "dispatch", actor=city.user("dispatcher"), lead_unit=city.water, limit_amount=1, limit_unit="work_day",
        reason="管线", occurred_at=day(4, 10))  # fmt: skip
    keeping.rebuild()
    # then its handlers still see the figure, and four of the five cases
    page = admin_of(city.user("handler")).get("/admin/cases/scoreperiod/cases/", asked)
    assert (page.context["counted"], page.context["seen"]) == (5, 4)
    assert case.number not in page.content.decode()
    assert len(client_of(city.user("handler")).get(f"{API}cases/", asked).json()["results"]) == 4


@pytest.mark.parametrize(
    ("asked", "attr"),
    [({"by": "x"}, "by"), ({"first": "gestern"}, "first"), ({"first": "2025-11-01", "last": "2025-10-01"}, "last"),
     ({"first": "2020-01-01", "last": "2025-10-01"}, "last"), ({"formula": "x"}, "formula"),
     ({"formula": "city/99999999"}, "formula"), ({"area": "000"}, "area")],
)  # fmt: skip
def test_a_question_that_cannot_be_is_refused_by_parameter(city, asked, attr):
    user = city.user("operations_centre")
    answer = client_of(user).get(f"{API}figures/", asked)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    page = admin_of(user).get(LIVE, asked)
    assert page.status_code == 400 and "jc-field-error" in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "attr"),
    [({"indicator": "x", "part": "numerator"}, "indicator"), ({"indicator": "handling_rate", "part": "x"}, "part"),
     ({"indicator": "handling_rate", "part": "numerator", "key": "-1"}, "key"),
     ({"indicator": "gone", "part": "left_out"}, "indicator"), ({"part": "numerator"}, "indicator"),
     ({"indicator": "handling_rate", "part": "numerator", "line": "x"}, "line")],
)  # fmt: skip
def test_a_figure_that_is_none_is_refused_by_parameter(city, asked, attr):
    answer = client_of(city.user("operations_centre")).get(f"{API}cases/", asked)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    page = admin_of(city.user("operations_centre")).get("/admin/cases/scoreperiod/cases/", asked)
    assert page.status_code in (400, 404)


def test_a_published_ranking_is_everybodys_and_an_unpublished_one_is_not(city, period):
    later = opened(city, formula=period.formula, last=scoring.date(2025, 10, 30))
    act(later, "compute", actor=city.user("operations_centre"))
    for role in STAFF:
        user = city.user(role)
        shown = {row["id"] for row in client_of(user).get(f"{API}periods/").json()["results"]}
        assert shown == ({period.pk, later.pk} if role in WATCHERS else {period.pk}), role
        lines = client_of(user).get(f"{API}lines/", {"period": later.pk}).json()["results"]
        assert bool(lines) == (role in WATCHERS)
        ranked = client_of(user).get(f"{API}lines/", {"period": period.pk, "unit": "municipal"}).json()["results"]
        assert [(row["rank"], row["score"]) for row in ranked] == [(1, "78.00")], role
        page = admin_of(user).get(reverse("admin:cases_scoreperiod_change", args=[period.pk]))
        assert page.status_code == 200 and "78.00" in page.content.decode()
        hidden = admin_of(user).get(reverse("admin:cases_scoreperiod_change", args=[later.pk]))
        assert hidden.status_code == (200 if role in WATCHERS else 404)


@pytest.mark.parametrize("role", STAFF)
def test_who_opens_computes_and_publishes_through_both_doors(city, period, role):
    user, may = city.user(role), role in WATCHERS
    body = {"first": "2025-10-01", "last": "2025-10-15", "area": city.city.code, "by": "unit",
            "formula": period.formula_id}  # fmt: skip
    made = client_of(user).post(f"{API}periods/", body, format="json")
    assert made.status_code == (201 if may else 403)
    form = {"first": "2025-10-01", "last": "2025-10-16", "area": city.city.pk, "dimension": "street",
            "formula": period.formula_id}  # fmt: skip
    posted = admin_of(user).post(reverse("admin:cases_scoreperiod_add"), form)
    assert posted.status_code == (302 if may else 403)
    assert ScorePeriod.objects.count() == (3 if may else 1)
    if not may:
        before = snapshot(period)
        for name in ("compute", "publish", "discard"):
            refused = client_of(user).post(f"{API}periods/{period.pk}/transitions/{name}/", {}, format="json")
            assert refused.status_code == 403
        assert snapshot(period) == before
        return
    key = made.json()["id"]
    assert made.json()["transitions"] == ["compute", "discard"]
    for name, state in (("compute", "computed"), ("publish", "published")):
        done = client_of(user).post(f"{API}periods/{key}/transitions/{name}/", {}, format="json")
        assert (done.status_code, done.json()["state"]) == (200, state), done.json()
    by_street = ScorePeriod.objects.get(dimension="street")
    address = reverse("admin:cases_scoreperiod_transition", args=[by_street.pk, "compute"])
    assert admin_of(user).post(address, {"version": by_street.version}).status_code == 302
    assert ScorePeriod.objects.get(pk=by_street.pk).state == "computed"


def test_an_appeal_goes_its_way_through_both_doors(city, period):
    line, case = scoring.line_of(period, city.municipal), Case.objects.get(reported_at=day(6))
    body = {"line": line.pk, "cases": [case.number], "reason": "封路"}
    for role in ("supervisor", "registrar", "operations_centre"):
        assert client_of(city.user(role)).post(f"{API}appeals/", body, format="json").status_code == 403
    wrong = client_of(city.user("handler")).post(f"{API}appeals/", body | {"cases": ["C0"]}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["attr"]) == (400, "cases")
    # when the unit files it on the page
    address = f"{reverse('admin:cases_scoreappeal_add')}?line={line.pk}"
    handler = admin_of(city.user("handler"))
    assert "jc-field-error" in handler.post(address, {"cases": "C1", "reason": ""}).content.decode()
    assert handler.get(address).status_code == 200
    assert handler.post(address, {"cases": f"{case.number}，", "reason": "封路"}).status_code == 302
    appeal = ScoreAppeal.objects.get()
    # then the unit and the centre see it, others do not
    for role in STAFF:
        sees = role in WATCHERS | {"handler"}
        page = admin_of(city.user(role)).get(reverse("admin:cases_scoreappeal_change", args=[appeal.pk]))
        assert page.status_code == (200 if sees else 404), role
        assert len(client_of(city.user(role)).get(f"{API}appeals/").json()["results"]) == sees
    # and one opinion is asked for on the first page of the centre
    assert "score-appeals" in admin_of(city.user("operations_centre")).get("/admin/").content.decode()
    review = {"opinion": "uphold", "reason": "属实"}
    address = f"{API}appeals/{appeal.pk}/transitions/"
    assert client_of(city.user("handler")).post(f"{address}review/", review, format="json").status_code == 403
    centre = client_of(city.user("operations_centre"))
    no_opinion = centre.post(f"{address}review/", {"reason": "属实"}, format="json")
    assert (no_opinion.status_code, no_opinion.json()["errors"][0]["attr"]) == (400, "opinion")
    assert centre.post(f"{address}review/", review, format="json").json()["state"] == "reviewed"
    same = centre.post(f"{address}uphold/", {"reason": "同意"}, format="json")
    assert (same.status_code, ScoreLine.objects.filter(corrects=line).exists()) == (403, False)


def test_excel_has_every_indicator_and_no_formula_of_a_spreadsheet(city, period):
    # given a unit whose name is what a spreadsheet would carry out
    OrgUnit.objects.filter(pk=city.municipal.pk).update(name="=1+1")
    before = Event.objects.filter(name="export.done").count()
    for address, name in (
        (reverse("admin:cases_scoreperiod_period_export", args=[period.pk]), "municipal单位"),
        (f"{reverse('admin:cases_scoreperiod_live_export')}?{urlencode(OCTOBER)}&formula=city", "'=1+1"),
    ):
        client = admin_of(city.user("operations_centre"))
        assert client.get(address).status_code == 405
        answer = client.post(address, {"format": "xlsx"})
        sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).worksheets[0]
        header, *rows = list(sheet.iter_rows(values_only=True))
        line = dict(zip(header, next(row for row in rows if row[1] == name), strict=True))
        assert (line["名次"], float(line["评分"]), line["处置率"]) == (1, 78.0, 0.8)
        assert "响应率" in header and "首次行动用时（P90）" in header
        assert client.post(address, {"format": "exe"}).status_code == 400
    assert Event.objects.filter(name="export.done").count() == before + 2


BEHIND = f"indicator=handling_rate&part=denominator&{urlencode(OCTOBER)}"


def test_pages_and_lists_need_the_same_statements_for_any_number_of_rows(city, period):
    def asked(client, address) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    page, api = admin_of(city.user("operations_centre")), client_of(city.user("operations_centre"))
    addresses = [
        (page, f"{LIVE}?first=2025-10-01&last=2025-10-31&formula=city"), (page, "/admin/cases/scoreperiod/"),
        (page, reverse("admin:cases_scoreperiod_change", args=[period.pk])), (page, "/admin/cases/scoreformula/"),
        (page, f"/admin/cases/scoreperiod/cases/?{BEHIND}"),
        (api, f"{API}figures/?first=2025-10-01&last=2025-10-31&formula=city"), (api, f"{API}periods/"),
        (api, f"{API}lines/"), (api, f"{API}cases/?{BEHIND}"),
    ]  # fmt: skip
    few = [asked(*one) for one in addresses]
    for place in range(4):
        lived(city, day(10 + place), hours=place or None)
        scoring.formula_of(key=f"more{place}")
        made = opened(city, formula=period.formula, last=scoring.date(2025, 10, 20 + place))
        act(made, "compute", actor=city.user("operations_centre"))
    keeping.rebuild()
    assert [asked(*one) for one in addresses] == few
    assert max(few) <= 40
