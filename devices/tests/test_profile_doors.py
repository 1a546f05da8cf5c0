"""Device profiles in the admin and the API: who sees and does what, and what a page tells."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.tests.api import client_of as api_of
from devices.models import DeviceProfile, ProfileMetric, ProfileTrial
from devices.profiles import profile_draft, profile_publish
from devices.tests.fleet import message
from devices.tests.test_admin import client_of
from governance.models import Event

STAFF = ["operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker", "community_staff"]
LIST = reverse("admin:devices_deviceprofile_changelist")
API = "/api/v1/device-profiles/"


@pytest.fixture
def admin(fleet):
    return fleet.city.user("administrator")


@pytest.fixture
def draft(fleet, admin) -> DeviceProfile:
    made = profile_draft(fleet.cover_profile, actor=admin)
    ProfileMetric.objects.filter(profile=made).update(high=25, critical=60)
    return made


def page(profile) -> str:
    return reverse("admin:devices_deviceprofile_change", args=[profile.pk])


def edit(profile) -> str:
    return reverse("admin:devices_deviceprofile_edit", args=[profile.pk])


def press(user, profile, deed, **data):
    return client_of(user).post(reverse("admin:devices_deviceprofile_deed", args=[profile.pk, deed]), data)


def versions() -> list:
    rows = DeviceProfile.objects.order_by("pk").values_list("code", "version", "state", "name", "metrics__high")
    return [*rows, ProfileTrial.objects.count(), Event.objects.count()]


def test_the_list_shows_versions_in_force_and_others_when_asked(fleet, admin, draft):
    def shown(**query):
        rows = client_of(admin).get(LIST, query).context["cl"].queryset
        return [(row.code, row.version) for row in rows]

    assert shown() == [("manhole_cover", 1), ("trash_bin", 1)]
    assert shown(state="draft") == [("manhole_cover", 2)]
    assert shown(state="every") == [("manhole_cover", 2), ("manhole_cover", 1), ("trash_bin", 1)]
    assert shown(state="retired") == shown(state="nonsense") == []


def test_a_page_tells_the_rules_in_words_and_what_a_draft_changes(fleet, admin, draft):
    html = client_of(admin).get(page(draft)).content.decode()
    for words in ("倾角达到 25 ° 即告警", "60 °", "还没有按现在的内容试运行", "<td>25</td>", "第 1 版"):
        assert words in html, words
    html = client_of(admin).get(page(fleet.cover_profile)).content.decode()
    assert "倾角达到 15 ° 即告警" in html and "不再变动" not in html


def test_buttons_lead_from_draft_to_trial_to_force(fleet, admin):
    # given readings, and a draft begun by its button
    fleet.ingest(message(metrics={"tilt": 20}))
    assert press(admin, fleet.cover_profile, "draft").status_code == 302
    draft = DeviceProfile.objects.get(state="draft")
    ProfileMetric.objects.filter(profile=draft).update(high=25)
    # when it is tried and published
    assert press(admin, draft, "try", days=90).status_code == 302
    html = client_of(admin).get(page(draft)).content.decode()
    assert "次告警" in html and "<th>漏掉</th>" in html and "失联" not in html
    assert press(admin, draft, "publish").status_code == 302
    # then it is in force
    draft.refresh_from_db()
    assert draft.state == "in_force" and draft.published_at
    # and another draft can be thrown away
    press(admin, draft, "draft")
    third = DeviceProfile.objects.get(version=3)
    assert press(admin, third, "discard").status_code == 302
    assert not DeviceProfile.objects.filter(pk=third.pk).exists()


@pytest.mark.parametrize(
    ("deed", "data", "status"),
    [("draft", {}, 409), ("publish", {}, 400), ("try", {"days": "0"}, 400), ("try", {"days": "x"}, 400),
     ("fly", {}, 404)],
)  # fmt: skip
def test_what_is_not_possible_is_refused_with_a_page_that_says_why(admin, draft, deed, data, status):
    before = versions()
    assert press(admin, draft, deed, **data).status_code == status
    assert client_of(admin).get(reverse("admin:devices_deviceprofile_deed", args=[draft.pk, deed])).status_code == 405
    assert versions() == before


@pytest.mark.parametrize("role", STAFF)
def test_staff_read_and_change_nothing(fleet, draft, role):
    person, before = fleet.city.user(role), versions()
    html = client_of(person).get(page(draft)).content.decode()
    assert "/do/" not in html and "/edit/" not in html
    for profile in (draft, fleet.cover_profile):
        for deed in ("draft", "try", "publish", "discard"):
            assert press(person, profile, deed, days=7, reason="x").status_code == 403
        assert client_of(person).post(edit(profile), {"name": "新名"}).status_code == 403
    assert versions() == before


@pytest.mark.parametrize("role", ["resident", "outside_administrator", None])
def test_others_do_nothing(fleet, draft, role):
    before = versions()
    client = client_of(fleet.city.user(role)) if role else type(client_of(fleet.city.user("resident")))()
    for deed in ("draft", "try", "publish", "discard"):
        url = reverse("admin:devices_deviceprofile_deed", args=[draft.pk, deed])
        assert client.post(url, {"reason": "x", "days": 7}).status_code in (302, 403)
    assert versions() == before


def test_the_form_of_the_version_in_force_holds_name_category_and_scene_only(fleet, admin):
    data = {"name": "新名", "category": fleet.city.category.pk, "claim_distance": 60, "reporting_interval": 5,
            "metrics-0-high": 99}  # fmt: skip
    assert client_of(admin).post(edit(fleet.cover_profile), data).status_code == 302
    fresh = DeviceProfile.objects.get(pk=fleet.cover_profile.pk)
    assert (fresh.name, fresh.reporting_interval, fresh.metrics.get().high) == ("新名", 300, 15)
    assert fresh.claim_distance == 60


def test_a_retired_version_has_no_form(fleet, admin, draft):
    profile_publish(draft, actor=admin, reason="x")
    before = versions()
    assert client_of(admin).get(edit(fleet.cover_profile)).status_code == 409
    assert client_of(admin).post(edit(fleet.cover_profile), {"name": "新名"}).status_code == 409
    assert versions() == before


def test_a_profile_added_in_the_admin_is_a_draft(fleet, admin):
    data = {"code": "lamp", "name": "灯", "category": fleet.city.category.pk, "case_source": "sensor",
            "chatter_count": 3, "chatter_window": 60, "chatter_shelf": 480,
            "reporting_interval": 60, "statuses-TOTAL_FORMS": 0, "statuses-INITIAL_FORMS": 0, "metrics-TOTAL_FORMS": 0,
            "metrics-INITIAL_FORMS": 0, "commands-TOTAL_FORMS": 0, "commands-INITIAL_FORMS": 0,
            "claim_distance": 50}  # fmt: skip
    assert client_of(admin).post(reverse("admin:devices_deviceprofile_add"), data).status_code == 302
    assert DeviceProfile.objects.get(code="lamp").state == "draft"


def test_devices_are_given_versions_in_force_only(fleet, admin, draft):
    data = {"code": "MC-2", "name": "x", "profile": draft.pk, "area": fleet.city.grid.pk, "longitude": 112.905,
            "latitude": 28.205, "unit": fleet.city.municipal.pk}  # fmt: skip
    response = client_of(admin).post(reverse("admin:devices_device_add"), data)
    assert response.status_code == 200 and "profile" in response.context["adminform"].form.errors


def test_the_api_lists_versions_in_force_and_others_when_asked(fleet, admin, draft):
    client = api_of(fleet.city.user("dispatcher"))

    def shown(**query):
        return [(row["code"], row["version"]) for row in client.get(API, query).json()["results"]]

    assert shown() == [("manhole_cover", 1), ("trash_bin", 1)]
    assert shown(state="draft") == [("manhole_cover", 2)]
    assert shown(state="retired") == []
    assert client.get(API, {"state": "x"}).status_code == 400
    assert client.get(API, {"scene": "x"}).status_code == 400
    cover = client.get(f"{API}manhole_cover/").json()
    assert (cover["version"], cover["category"], cover["reporting_interval"]) == (1, "0101", 300)
    [tilt] = cover["metrics"]
    assert (tilt["high"], tilt["clear"], tilt["critical"], tilt["alarm"]) == (15, 10, None, "tilted")
    statuses = {row["code"]: row for row in cover["statuses"]}
    assert statuses["tilted"]["standard"] == "0101/tilted" and statuses["tilted"]["samples_of"] == 1
    assert client.get(f"{API}manhole_cover/", {"version": 2}).json()["metrics"][0]["high"] == 25
    for query, status in [({"version": "x"}, 400), ({"version": 9}, 404)]:
        assert client.get(f"{API}manhole_cover/", query).status_code == status
    assert client.get(f"{API}none/").status_code == 404


def test_who_reads_profiles_by_the_api(fleet, draft):
    before = versions()
    for role in [*STAFF, "administrator"]:
        client = api_of(fleet.city.user(role))
        assert client.get(API).status_code == client.get(f"{API}trash_bin/").status_code == 200
        for method in ("post", "put", "delete"):
            assert getattr(client, method)(f"{API}trash_bin/", {}).status_code == 405
    assert api_of(fleet.city.user("resident")).get(API).status_code == 403
    assert api_of().get(API).status_code == 401
    assert versions() == before


def test_statements_do_not_grow_with_profiles(fleet, admin):
    def statements(client, url) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    doors = [(client_of(admin), LIST), (api_of(admin), API)]
    few = [statements(*door) for door in doors]
    for number in range(5):
        made = DeviceProfile.objects.create(code=f"p{number}", name="x", category=fleet.city.category)
        made.statuses.create(code="a", label="a", standard=fleet.city.standard)
        made.metrics.create(metric="m", label="m")
    assert [statements(*door) for door in doors] == few
