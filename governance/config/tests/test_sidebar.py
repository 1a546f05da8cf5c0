"""The side bar says where somebody is."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from governance.config.skin import navigation

pytestmark = pytest.mark.django_db


def items_at(city, path: str) -> list[dict]:
    """Return the entries of the side bar on the page at ``path``."""
    request = RequestFactory().get(path)
    request.user = city.user("operations_centre")
    return [item for group in navigation(request) for item in group["items"]]


def marked_as_left(city, path: str) -> set[str]:
    """Return the addresses of lists that the side bar shows as left."""
    return {str(item["link"]) for item in items_at(city, path) if item.get("active") is False}


@pytest.mark.parametrize("label", ["cases_case", "devices_alarm", "devices_device"])
def test_a_page_of_a_list_is_not_the_list(city, label):
    # given the list and the pages beside it, whose addresses begin with the list's
    listed = reverse(f"admin:{label}_changelist")
    links = [str(item["link"]) for item in items_at(city, listed)]
    pages = [link for link in links if link.startswith(listed) and link != listed]
    assert pages
    # then on a page only the page is marked, on the list only the list
    for page in pages:
        assert listed in marked_as_left(city, page)
    assert listed not in marked_as_left(city, listed)
