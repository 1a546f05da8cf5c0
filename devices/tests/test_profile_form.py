"""The form of a draft: statuses and metrics are judged as they are entered together, and what is wrong is named."""

import pytest
from django.urls import reverse

from devices.models import DeviceProfile, ProfileMetric, ProfileStatus
from devices.profile_content import STATUS
from devices.profiles import profile_draft
from devices.tests.test_admin import client_of
from devices.tests.test_profile_doors import STAFF, edit, versions

LOCKS = "填了自动解除时间（60 秒），不能由指标触发"


@pytest.fixture
def admin(fleet):
    return fleet.city.user("administrator")


@pytest.fixture
def draft(fleet, admin) -> DeviceProfile:
    return profile_draft(fleet.cover_profile, actor=admin)


def filled(draft, *new: dict, changed: dict | None = None) -> dict:
    """Return what the form of a draft sends when it is saved as it is, with new statuses, and what else was changed."""
    data = {"commands-TOTAL_FORMS": 0, "commands-INITIAL_FORMS": 0}
    names = {"statuses": STATUS, "metrics": {"metric", "label", "unit", "high", "clear", "alarm", "critical_severity"}}
    data |= {name: getattr(draft, name) for name in (
        "name", "case_source", "reporting_interval", "claim_distance", "chatter_count", "chatter_window",
        "chatter_shelf",
    )} | {"category": draft.category_id}  # fmt: skip
    for part, columns in names.items():
        rows = list(getattr(draft, part).order_by("code" if part == "statuses" else "metric"))
        more = list(new) if part == "statuses" else []
        data |= {f"{part}-TOTAL_FORMS": len(rows) + len(more), f"{part}-INITIAL_FORMS": len(rows)}
        for place, row in enumerate(rows):
            said = {name: getattr(row, "standard_id" if name == "standard" else name) for name in columns}
            said |= {"id": row.pk, "profile": draft.pk}
            data |= {
                f"{part}-{place}-{name}": value
                for name, value in said.items()
                if value is not None and value is not False
            }
        for place, said in enumerate(more, len(rows)):
            usual = {"severity": "high", "on_delay": 0, "off_delay": 0, "samples_needed": 1, "samples_of": 1,
                     "reopen_window": 0, "storm_count": 0, "storm_window": 1800, "storm_pause": 3600}  # fmt: skip
            data |= {f"{part}-{place}-{name}": value for name, value in (usual | said).items()}
    return data | (changed or {})


def content(draft) -> list:
    return [list(getattr(draft, part).order_by("pk").values()) for part in ("statuses", "metrics")] + versions()


def test_a_contradiction_is_refused_when_it_is_entered_and_named_on_top(draft, admin):
    # given that the form as it is can be saved
    client = client_of(admin)
    assert client.post(edit(draft), filled(draft)).status_code == 302
    before = content(draft)
    # when a status that a metric raises is to be over by itself (the statuses are missing, tilted)
    answer = client.post(edit(draft), filled(draft, changed={"statuses-1-over_after": 60}))
    # then it is refused at once, with the row, the field and a link to it at the top, and nothing has changed
    assert answer.status_code == 200 and content(draft) == before
    assert answer.context["faults"] == [
        ("设备类型指标 “倾角”", "触发状态", answer.context["faults"][0][2], "#id_metrics-0-alarm")
    ]
    html = answer.content.decode()
    assert LOCKS in html and html.index('href="#id_metrics-0-alarm"') < html.index('id="id_metrics-0-alarm"')


def test_a_draft_that_contradicts_itself_can_be_mended(draft, admin):
    # given a draft as older versions let it be saved
    ProfileStatus.objects.filter(profile=draft, code="tilted").update(over_after=60)
    client = client_of(admin)
    # then it is refused as it is, and saved as soon as either side gives way
    assert client.post(edit(draft), filled(draft)).status_code == 200
    mended = filled(draft, changed={"statuses-1-over_after": ""})
    assert client.post(edit(draft), mended).status_code == 302
    assert ProfileStatus.objects.get(profile=draft, code="tilted").over_after is None
    ProfileStatus.objects.filter(profile=draft, code="tilted").update(over_after=60)
    given_up = filled(draft, changed={"metrics-0-alarm": "", "metrics-0-high": "", "metrics-0-clear": ""})
    assert client.post(edit(draft), given_up).status_code == 302
    assert ProfileMetric.objects.get(profile=draft).alarm == ""


def test_a_status_and_the_metric_that_raises_it_are_entered_together(draft, admin):
    new = {"code": "askew", "label": "歪斜"}
    answer = client_of(admin).post(edit(draft), filled(draft, new, changed={"metrics-0-alarm": "askew"}))
    assert answer.status_code == 302
    assert ProfileMetric.objects.get(profile=draft).alarm == "askew"
    assert set(draft.statuses.values_list("code", flat=True)) == {"tilted", "missing", "askew"}


def test_a_whole_new_type_is_entered_at_once(fleet, admin, draft):
    data = filled(draft, changed={"code": "lamp", "statuses-INITIAL_FORMS": 0, "metrics-INITIAL_FORMS": 0})
    data = {name: value for name, value in data.items() if not name.endswith(("-id", "-profile"))}
    wrong = data | {"metrics-0-alarm": "none"}
    add = reverse("admin:devices_deviceprofile_add")
    assert client_of(admin).post(add, wrong).status_code == 200
    assert not DeviceProfile.objects.filter(code="lamp").exists()
    assert client_of(admin).post(add, data).status_code == 302
    assert DeviceProfile.objects.get(code="lamp").metrics.get().alarm == "tilted"


@pytest.mark.parametrize("changed", [{"statuses-1-DELETE": "on"}, {"statuses-1-code": "tipped"}])
def test_a_status_that_a_metric_raises_does_not_go(draft, admin, changed):
    before = content(draft)
    answer = client_of(admin).post(edit(draft), filled(draft, changed=changed))
    assert answer.status_code == 200 and "没有“tilted”这一状态" in answer.content.decode()
    assert content(draft) == before


def test_every_fault_is_named_with_its_row(draft, admin):
    # given a wrong field of the type itself, of a status, and a rule across the fields of one
    changed = {"reporting_interval": 0, "statuses-0-on_delay": -1, "statuses-1-samples_needed": 3}
    faults = client_of(admin).post(edit(draft), filled(draft, changed=changed)).context["faults"]
    # then each is told by its row and field, and its address is on the page
    assert [(row, field, address) for row, field, _why, address in faults] == [
        ("", "上报间隔（秒）", "#id_reporting_interval"),
        ("设备类型状态 “井盖缺失”", "触发延时（秒）", "#id_statuses-0-on_delay"),
        ("设备类型状态 “井盖倾斜”", "", "#id_statuses-1-code"),
    ]


def test_a_row_that_goes_has_no_fault(draft, admin):
    changed = {"reporting_interval": 0, "statuses-0-on_delay": -1, "statuses-0-DELETE": "on"}
    faults = client_of(admin).post(edit(draft), filled(draft, changed=changed)).context["faults"]
    assert not [address for _row, _field, _why, address in faults if address.startswith("#id_statuses-0")]
    assert "#id_reporting_interval" in [address for *_told, address in faults]


@pytest.mark.parametrize("role", STAFF)
def test_nobody_else_changes_a_draft(fleet, draft, role):
    before = content(draft)
    answer = client_of(fleet.city.user(role)).post(edit(draft), filled(draft, changed={"statuses-0-label": "x"}))
    assert answer.status_code in (403, 404) and content(draft) == before
