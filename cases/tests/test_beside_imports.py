"""Cases are opened while somebody brings a file of the areas and units they name."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from cases.models import Case, CaseSource
from cases.services import case_open
from conftest import build_city
from governance.exchange import engine
from governance.exchange.importers import importer_named
from governance.exchange.tests.material import counted, text
from governance.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("key", "header", "line"), [
    ("governance.area", ["code", "kind", "name", "parent"],
     lambda city: [city.grid.code, city.grid.kind, "改了名的网格", city.community.code]),
    ("governance.orgunit", ["code", "name", "kind", "area"],
     lambda city: [city.municipal.code, "改了名的部门", city.municipal.kind, city.municipal.area.code]),
])  # fmt: skip
def test_a_case_does_not_wait_for_a_file_that_changes_what_it_names(key, header, line):
    # given a file that changes a grid or a department, read but not stored yet
    city = build_city()
    with transaction.atomic():
        found = engine.run(importer_named(key)(), text([header, line(city)]), actor=city.user("administrator"))
        assert counted(found) == (0, 1, 0)
        # when somebody reports a case there that the department is to handle
        # then it is stored at once
        assert _aside(lambda: _opened(city)).lead_unit == city.municipal
    assert Case.objects.get().area == city.grid


def _opened(city) -> Case:
    return case_open(
        actor=User.objects.system("devices"), source=CaseSource.SENSOR, description="井盖倾斜", standard=city.standard,
        category=city.standard.category, area=city.grid, longitude=city.point[0], latitude=city.point[1],
    )  # fmt: skip


def _aside(function):
    """Do something on another connection; it must not wait for anybody longer than three seconds."""

    def on_its_own():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '3s'")
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(on_its_own).result(30)
