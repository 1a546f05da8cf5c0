"""Device profiles by REST: entered, drafted, changed, tried on past readings, published; by every role."""

import pytest

from cases.tests.api import client_of
from devices.models import Device, DeviceProfile, ProfileMetric, ProfileTrial
from devices.profiles import profile_draft
from devices.tests.fleet import message
from devices.tests.test_profile_doors import STAFF, versions
from governance.models import Event

API = "/api/v1/device-profiles/"
COVER = f"{API}manhole_cover/"
TILT = {"metric": "tilt", "label": "倾角", "unit": "°", "high": 25, "clear": 20, "alarm": "tilted"}


@pytest.fixture
def admin(fleet):
    return fleet.city.user("administrator")


@pytest.fixture
def draft(fleet, admin) -> DeviceProfile:
    return profile_draft(fleet.cover_profile, actor=admin)


def send(user, method, url, body=None, **options):
    return getattr(client_of(user), method)(url, body or {}, format="json", **options)


def content() -> list:
    rows = [list(getattr(profile, part).order_by("pk").values()) for profile in DeviceProfile.objects.order_by("pk")
            for part in ("statuses", "metrics", "commands")]  # fmt: skip
    return [versions(), rows, list(DeviceProfile.objects.order_by("pk").values())]


def test_a_profile_goes_from_draft_to_trial_to_force(fleet, admin):
    # given readings, of which some would be no alarm under other limits
    fleet.ingest(message(metrics={"tilt": 20}))
    # when a draft is begun, changed and tried
    made = send(admin, "post", f"{COVER}draft/")
    assert (made.status_code, made.json()["version"], made.json()["state"]) == (201, 2, "draft")
    changed = send(admin, "patch", f"{COVER}?version=2", {"name": "新井盖", "metrics": [TILT]})
    assert changed.status_code == 200, changed.json()
    assert (changed.json()["name"], changed.json()["metrics"][0]["high"], changed.json()["version"]) == (
        "新井盖",
        25,
        2,
    )
    tried = send(admin, "post", f"{COVER}draft/try/", {"days": 90})
    assert tried.status_code == 201, tried.json()
    told = tried.json()
    assert (told["version"], told["were"], told["would"], told["lost"], told["current"]) == (2, 1, 0, 0, True)
    assert told["by_type"] == [
        {"alarm_type": "tilted", "label": "井盖倾斜", "were": 1, "would": 0, "confirmed": 0, "lost": 0}
    ]
    assert send(admin, "get", f"{COVER}trial/?version=2").json() == told
    assert send(admin, "get", f"{COVER}trial/").status_code == 404
    # then it is published, and the devices follow it
    published = send(admin, "post", f"{COVER}draft/publish/")
    assert (published.status_code, published.json()["state"], published.json()["version"]) == (200, "in_force", 2)
    assert Device.objects.get(pk=fleet.cover.pk).profile.version == 2
    assert [row["version"] for row in send(admin, "get", f"{COVER}versions/").json()["results"]] == [1, 2]
    # and another draft can be thrown away
    assert send(admin, "post", f"{COVER}draft/").json()["version"] == 3
    assert send(admin, "post", f"{COVER}draft/discard/").status_code == 204
    assert not DeviceProfile.objects.filter(version=3).exists()
    assert send(admin, "post", f"{COVER}draft/discard/").status_code == 404


def test_a_trial_tells_when_the_draft_was_changed_since(fleet, admin, draft):
    send(admin, "post", f"{COVER}draft/try/")
    send(admin, "patch", f"{COVER}?version=2", {"metrics": [TILT]})
    assert send(admin, "get", f"{COVER}trial/?version=2").json()["current"] is False
    # then it is published for a reason only
    before = content()
    refused = send(admin, "post", f"{COVER}draft/publish/")
    assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, "reason") and content() == before
    assert send(admin, "post", f"{COVER}draft/publish/", {"reason": "暴雨"}).status_code == 200


def test_a_new_type_is_entered_whole_and_is_a_draft(fleet, admin):
    body = {
        "code": "lamp", "name": "路灯", "category": "0101", "reporting_interval": 60, "case_source": "sensor",
        "statuses": [{"code": "dark", "label": "不亮", "severity": "low", "standard": "0101/tilted", "on_delay": 60}],
        "metrics": [{"metric": "lux", "label": "照度", "unit": "lx", "low": 5, "clear": 10, "alarm": "dark"}],
        "commands": [{"name": "dim", "label": "调光", "parameters": {"type": "object"}}],
    }  # fmt: skip
    made = send(admin, "post", API, body, headers={"Idempotency-Key": "p"})
    assert made.status_code == 201, made.json()
    told = made.json()
    assert (told["code"], told["version"], told["state"], told["category"]) == ("lamp", 1, "draft", "0101")
    [status], [metric], [command] = told["statuses"], told["metrics"], told["commands"]
    assert (status["standard"], status["on_delay"], status["samples_of"]) == ("0101/tilted", 60, 1)
    assert (metric["low"], metric["high"], command["parameters"]) == (5, None, {"type": "object"})
    assert send(admin, "post", API, body, headers={"Idempotency-Key": "p"}).json() == told
    before = content()
    again = send(admin, "post", API, body)
    assert (again.status_code, again.json()["errors"][0]["attr"]) == (400, "code")
    assert content() == before
    # and it is put in force without a trial: there is nothing to try it on
    assert send(admin, "post", f"{API}lamp/draft/try/").status_code == 409
    assert send(admin, "post", f"{API}lamp/draft/publish/").json()["state"] == "in_force"


def test_rows_are_kept_added_and_removed(fleet, admin, draft):
    ProfileMetric.objects.filter(profile=draft).update(valid_max=90)
    rows = [
        {"code": "tilted", "latched": True},
        {"code": "lost", "label": "丢失", "severity": "high", "standard": None},
    ]
    changed = send(admin, "patch", f"{COVER}?version=2", {"statuses": rows, "metrics": [TILT]}).json()
    found = {row["code"]: row for row in changed["statuses"]}
    assert set(found) == {"tilted", "lost"}
    # what a row did not say of itself stayed
    assert (found["tilted"]["latched"], found["tilted"]["label"], found["tilted"]["standard"]) == (
        True, "井盖倾斜", "0101/tilted"
    )  # fmt: skip
    assert changed["metrics"][0]["valid_max"] == 90
    # and the same once more changes nothing
    before = content()
    assert send(admin, "patch", f"{COVER}?version=2", {"statuses": rows, "metrics": [TILT]}).json() == changed
    assert content() == before


def test_statuses_and_the_metrics_that_raise_them_are_judged_together(fleet, admin, draft):
    url = f"{COVER}?version=2"
    before = content()
    single = {"code": "tilted", "over_after": 60}
    # what contradicts the metric as it is stored, or as it is sent along, is refused at once, with its name
    for body, attr in [({"statuses": [single, {"code": "missing"}]}, "statuses"),
                       ({"statuses": [single], "metrics": [TILT]}, "metrics"),
                       ({"statuses": [{"code": "missing"}]}, "statuses")]:  # fmt: skip
        response = send(admin, "patch", url, body)
        (error,) = response.json()["errors"]
        assert (response.status_code, error["attr"]) == (400, attr), body
        assert error["detail"].startswith("tilt.alarm: ") and "tilted" in error["detail"]
        assert content() == before
    # and both together where they fit, also in a draft that contradicted itself
    draft.statuses.filter(code="tilted").update(over_after=60)
    assert send(admin, "patch", url, {"statuses": [{"code": "tilted", "over_after": None}]}).status_code == 200
    draft.statuses.filter(code="tilted").update(over_after=60)
    no_limit = {"metric": "tilt", "alarm": "", "high": None, "clear": None}
    assert send(admin, "patch", url, {"statuses": [single], "metrics": [no_limit]}).status_code == 200
    assert draft.statuses.get().over_after == 60 and draft.metrics.get().alarm == ""


def test_of_the_version_in_force_only_what_does_not_judge_changes(fleet, admin):
    changed = send(admin, "patch", COVER, {"name": "智慧井盖", "claim_distance": 60})
    assert (changed.status_code, changed.json()["name"], changed.json()["claim_distance"]) == (200, "智慧井盖", 60)
    before = content()
    for body in ({"reporting_interval": 5}, {"metrics": [TILT]}, {"statuses": []}, {"name": "x", "commands": [
        {"name": "buzz", "label": "蜂鸣"}]}):  # fmt: skip
        assert send(admin, "patch", COVER, body).status_code == 409, body
        assert content() == before, body


@pytest.mark.parametrize(("body", "attr"), [
    ({"name": ""}, "name"), ({"category": "none"}, "category"), ({"category": None}, "category"),
    ({"scene": "none"}, "scene"), ({"reporting_interval": 0}, "reporting_interval"), ({"chatter_count": 1}, None),
    ({"case_source": "moon"}, "case_source"),
    ({"metrics": [TILT | {"clear": 30}]}, "metrics"), ({"metrics": [TILT | {"alarm": "none"}]}, "metrics"),
    ({"metrics": [TILT, TILT]}, "metrics"), ({"metrics": [{"metric": "x"}]}, "metrics"),
    ({"metrics": [TILT | {"high": "nan"}]}, "metrics.0.high"), ({"metrics": "x"}, "metrics.non_field_errors"),
    ({"statuses": [{"code": "normal", "label": "x"}]}, "statuses"),
    ({"statuses": [{"code": "tilted", "samples_needed": 3, "samples_of": 2}]}, "statuses"),
    ({"statuses": [{"code": "tilted", "standard": "0101/none"}]}, "statuses.0.standard"),
    ({"statuses": [{"code": "Tilted", "label": "x"}]}, "statuses.0.code"),
    ({"commands": [{"name": "buzz", "label": "x", "parameters": {"type": "none"}}]}, "commands"),
    ({"commands": [{"name": "buzz", "label": "x", "parameters": {"title": "a\0"}}]}, "commands.0.parameters"),
    ({"commands": [{"name": "buzz", "label": "x", "parameters": []}]}, "commands.0.parameters"),
])  # fmt: skip
def test_what_cannot_be_is_named_and_changes_nothing(fleet, admin, draft, body, attr):
    before = content()
    # a good change beside a wrong one is not made either
    response = send(admin, "patch", f"{COVER}?version=2", {"claim_distance": 77} | body)
    assert response.status_code == 400, response.json()
    assert response.json()["errors"][0]["attr"] in (attr, "non_field_errors" if attr is None else attr)
    assert content() == before


@pytest.mark.parametrize(("deed", "body", "status"), [
    ("draft/", {}, 409), ("draft/try/", {"days": 0}, 400), ("draft/try/", {"days": 91}, 400),
    ("draft/try/", {"days": "x"}, 400), ("draft/publish/", {}, 409), ("draft/publish/", {"reason": "x"}, 409),
])  # fmt: skip
def test_what_is_not_possible_is_refused(fleet, admin, draft, deed, body, status):
    before = content()
    assert send(admin, "post", COVER + deed, body).status_code == status
    assert content() == before


def deeds() -> list[tuple[str, str, dict]]:
    return [
        ("post", API, {"code": "lamp", "name": "灯", "category": "0101"}), ("patch", COVER, {"name": "x"}),
        ("patch", f"{COVER}?version=2", {"metrics": []}), ("post", f"{API}trash_bin/draft/", {}),
        ("post", f"{COVER}draft/try/", {"days": 7}), ("post", f"{COVER}draft/publish/", {"reason": "x"}),
        ("post", f"{COVER}draft/discard/", {}),
    ]  # fmt: skip


@pytest.mark.parametrize("role", [*STAFF, "resident", "outside_administrator"])
def test_nobody_but_an_administrator_of_the_city_does_any_of_it(fleet, draft, role):
    before, person = content(), fleet.city.people[role]
    for method, url, body in deeds():
        assert send(person, method, url, body).status_code in (403, 404), (method, url)
    assert content() == before and not ProfileTrial.objects.exists()
    # though who works here reads versions and trials
    if role in STAFF:
        assert send(person, "get", f"{COVER}versions/").status_code == 200
        assert send(person, "get", f"{COVER}trial/?version=2").status_code == 404


def test_nobody_unknown_does(fleet, draft):
    before = content()
    assert {send(None, method, url, body).status_code for method, url, body in deeds()} == {401}
    assert content() == before


def test_each_step_is_recorded_with_who_did_it(fleet, admin):
    for deed, body in (("draft/", {}), ("draft/try/", {}), ("draft/publish/", {"reason": "换限值"})):
        if deed == "draft/try/":
            send(admin, "patch", f"{COVER}?version=2", {"metrics": [TILT]})
        assert send(admin, "post", COVER + deed, body).status_code in (200, 201)
    names = list(Event.objects.filter(actor=admin).order_by("pk").values_list("name", flat=True))
    assert names == ["profile.drafted", "config.changed", "profile.tried", "profile.published"]
