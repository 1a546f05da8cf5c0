import pytest

from cases.timeline import public_progress, timeline_of
from governance.workflow import act

pytestmark = pytest.mark.django_db


def test_staff_read_who_did_what_why(city):
    case = city.open()
    case = act(case, "return", actor=city.user("handler"), reason="产权属供水公司")
    last = timeline_of(case)[-1]
    assert (last["name"], last["actor"], last["role"]) == ("case.returned", "handler员", "handler")
    assert (last["unit"], last["text"]) == ("municipal单位", "产权属供水公司")


def test_the_reporter_reads_plain_words_without_staff_names_or_inner_reasons(city):
    # given a report that a unit returned and another took
    case = city.report(reporter_name="王小明", reporter_phone="13900000000")
    case = act(case, "accept", actor=city.user("registrar"), standard=city.standard)
    case = act(case, "return", actor=city.user("handler"), reason="内部推诿的原因")
    case = act(
        case, "dispatch", actor=city.user("dispatcher"), lead_unit=city.water, limit_amount=1, limit_unit="work_day",
        reason="供水井盖",
    )  # fmt: skip
    # when the reporter looks
    seen = public_progress(case)
    # then it says who has it and until when
    assert (seen["unit"], seen["promised_at"]) == ("water单位", case.promised_at)
    assert [step["name"] for step in seen["steps"]] == [
        "case.reported",
        "case.accepted",
        "case.dispatched",
        "case.returned",
        "case.dispatched",
    ]
    assert "municipal单位" in seen["steps"][3]["plain"]
    # and nothing of the office's own words, people or phones
    text = str(seen)
    for private in ("内部推诿的原因", "供水井盖", "handler员", "registrar员", "王小明", "13900000000"):
        assert private not in text


def test_a_rejected_report_says_why(city):
    case = city.report()
    case = act(case, "reject", actor=city.user("registrar"), reason="不属于城市管理范围")
    seen = public_progress(case)
    assert "不属于城市管理范围" in seen["plain"]
    assert not seen["can_rate"]


def test_it_is_rated_once_per_closing_and_reopened_in_time(city):
    case = city.open()
    handler = city.user("handler")
    case = act(case, "start", actor=handler)
    case = act(case, "submit", actor=handler, result="好了")
    case = act(case, "inspect", actor=city.user("supervisor"))
    case = act(case, "close", actor=city.user("registrar"))
    seen = public_progress(case)
    assert (seen["can_rate"], seen["can_reopen"]) == (True, True)
