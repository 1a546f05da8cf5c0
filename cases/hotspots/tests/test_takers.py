"""An app above takes hot-spot signals up: without one there is no button, with one it is one transaction."""

import pytest

from cases.hotspots import takers
from cases.hotspots.tests.test_doors import a_signal, page
from cases.models import HotSpotSignal
from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.testing import snapshot
from governance.workflow import act, available

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(monkeypatch):
    """A taker of the test; what was made of signals."""
    made = []

    def make(signal, *, actor, title, description, occurred_at):
        if title == "拒绝":
            raise Invalid("no", field="title")
        made.append((signal.pk, actor, title, description))

    monkeypatch.setattr(takers, "_taken", [takers.Taker(make, lambda signal: ("N000001", "/there/"))])
    return made


def test_without_a_taker_there_is_no_button(city, monkeypatch):
    monkeypatch.setattr(takers, "_taken", [])
    signal, user = a_signal(city), city.user("dispatcher")
    assert [step.name for step in available(signal, user)] == ["open_case", "dismiss"]
    with pytest.raises(Conflict):
        act(signal, "make_need", actor=user)
    assert client_of(user).get(page(signal)).status_code == 200


def test_a_signal_is_taken_up_once_and_says_what_came_of_it(city, taken):
    signal, user = a_signal(city), city.user("dispatcher")
    signal = act(signal, "make_need", actor=user, title="疏通", description="")
    assert (signal.state, taken) == ("need", [(signal.pk, user, "疏通", "")])
    assert 'href="/there/"' in client_of(user).get(page(signal)).content.decode()
    for name, given in (("make_need", {}), ("open_case", {}), ("dismiss", {"reason": "已知"})):
        with pytest.raises(Conflict):
            act(signal, name, actor=user, **given)
    assert len(taken) == 1


def test_what_the_taker_refuses_leaves_the_signal_as_it_was(city, taken):
    signal, user = a_signal(city), city.user("dispatcher")
    before = snapshot(signal)
    url = f"/api/v1/hotspot-signals/{signal.pk}/transitions/make_need/"
    assert client_of(user).post(url, {"title": "拒绝"}, format="json").status_code == 400
    assert client_of(city.user("community_staff")).post(url, {}, format="json").status_code in (403, 404)
    assert snapshot(signal) == before and taken == []
    form = {"title": "拒绝", "description": ""}
    client, address = client_of(user), page(signal, "transition/make_need/")
    assert client.post(address, form, format="multipart").status_code == 400
    assert client.post(address, {"title": "疏通"}, format="multipart").status_code == 302
    assert HotSpotSignal.objects.get(pk=signal.pk).state == "need"


def test_only_one_app_takes_signals_up(taken):
    with pytest.raises(ValueError, match="already"):
        takers.register_taker(print, print)
