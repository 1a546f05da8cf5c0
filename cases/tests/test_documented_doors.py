"""Every door that the README names is there."""

import re

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.test import Client
from django.urls import Resolver404, resolve

from governance.models import Appointment, Role, User

pytestmark = pytest.mark.django_db
READMES = ("README.md", "README.zh.md")


def table_of(name: str) -> list[list[str]]:
    """Return the cells of the table of doors: what, admin, REST, more."""
    lines = (settings.BASE_DIR / name).read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if "REST" in line and line.startswith("|"))
    rows = [line.strip("|").split("|") for line in lines[first + 2 :]]
    return rows[: next(number for number, row in enumerate(rows) if len(row) < 4)]


def addresses(cell: str) -> list[str]:
    """Return the addresses of a cell; one that begins with dots, or with no slash, goes on from the one before it."""
    found = []
    for text in re.findall(r"`([^`]+)`", cell):
        if text.startswith("..."):
            text = found[0].rsplit("/", 2)[0] + text[3:] if found else text
        elif not text.startswith("/"):
            text = "/api/v1/" + text
        found.append(text.replace("{number}", "C20260101-000001").replace("{code}", "x"))
    return found


def mediator_of(city) -> User:
    """Return a mediator of the street's centre: what is told of disputes masked is theirs alone."""
    person = User.objects.create(username="mediator", name="mediator", is_staff=True)
    Appointment.objects.create(user=person, unit=city.unit("committee"), role=Role.TOWNSHIP_MEDIATOR, area=city.street,
                               valid_from="2020-01-01")  # fmt: skip
    return person


@pytest.mark.parametrize("name", READMES)
def test_each_address_of_the_table_exists(name, city):
    rows = table_of(name)
    assert len(rows) >= 9
    readers = [Client(), Client(), Client()]
    people = (city.user("administrator"), city.user("operations_centre"), mediator_of(city))
    for reader, person in zip(readers, people, strict=True):
        reader.force_login(person)
    for _what, pages, doors, _more in rows:
        for address in addresses(pages):
            assert 200 in [reader.get(address, follow=True).status_code for reader in readers], address
        for address in addresses(doors):
            if address in ("/open311/v2/", "/api/v1/scores/"):  # stems
                continue
            try:
                resolve(address)
            except Resolver404:
                pytest.fail(address)


@pytest.mark.parametrize("name", [*READMES, "docs/dispatch.md", "docs/api.md"])
def test_each_command_exists(name):
    text = (settings.BASE_DIR / name).read_text()
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= get_commands().keys()


@pytest.mark.parametrize("name", [*READMES, "docs/dispatch.md", "docs/api.md"])
def test_links_between_documents_lead_somewhere(name):
    path = settings.BASE_DIR / name
    for target, anchor in re.findall(r"\]\(((?!http)[^)#]+)(?:#([^)]+))?\)", path.read_text()):
        file = path.parent / target
        assert file.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
            known = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
            assert anchor in known, (target, anchor)
