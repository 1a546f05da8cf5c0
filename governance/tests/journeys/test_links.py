"""Pages of the administration lead to lists that are narrowed already: every such link answers."""

import html
import re
from urllib.parse import parse_qsl, urlsplit

import pytest

LINK = re.compile(r'href="(/admin/[^"#]+)"')
LIST = re.compile(r"/admin/\w+/\w+/$")
ROW = re.compile(r"/admin/\w+/\w+/\d+/change/$")


def links(text: str) -> list[str]:
    return list(dict.fromkeys(html.unescape(one) for one in LINK.findall(text)))


def asked_for(pages: dict[str, str]) -> dict[tuple, str]:
    """Return one link of each kind from a page to a list of something else that is narrowed already."""
    found = {}
    for page, text in pages.items():
        for link in links(text):
            there = urlsplit(link)
            names = tuple(sorted(name for name, _value in parse_qsl(there.query)))
            own = there.path == urlsplit(page).path  # the filters of a list itself
            if names and not own and LIST.match(there.path) and "_changelist_filters" not in names:
                found.setdefault((there.path, names), link)
    return found


@pytest.mark.parametrize("who", ["admin", "centre", "county.linjiang"])
def test_links_to_narrowed_lists_answer(staff, who):
    # given the first page of the administration, every list it leads to, and a page of a row of each
    request, pages = staff(who).context.request, {}

    def read(address: str, *refused: int) -> None:
        answer = request.get(address)
        assert answer.status in (200, *refused), (address, answer.status)
        if answer.status == 200:
            pages[address] = answer.text()

    read("/admin/")
    for address in [link for link in links(pages["/admin/"]) if LIST.match(link)]:
        read(address)
        row = next((link for link in links(pages[address]) if ROW.match(link)), None)
        if row is not None:
            read(row, 403)  # the list of files names rows that not everybody who keeps files may open
    # then whatever of these narrows another list is answered
    narrowed = asked_for(pages)
    bad = {link: answer.status for link in narrowed.values() if (answer := request.get(link)).status != 200}
    assert not bad
    assert who != "admin" or len(narrowed) >= 5, narrowed
