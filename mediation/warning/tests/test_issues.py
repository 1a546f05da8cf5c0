"""Hot issues: texts of one type and place about one matter, labelled, ranked by people and recency."""

import re
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from mediation.models import HotIssue, Signal
from mediation.warning.issues import heat_of, issues_of, issues_work_out
from mediation.warning.tasks import work_out_hot_issues
from mediation.warning.tests.test_watching import TODAY, at, kind, signals

FILE = Path(settings.BASE_DIR).parent / "shared" / "data" / "hotline_hot_issues.xlsx"
STATION = [
    "丽园小区旁边的搅拌站噪音扰民",
    "丽园小区附近搅拌站噪音太大",
    "搅拌站粉尘和噪音影响丽园小区",
    "丽园小区搅拌站夜间噪音",
]
PARKING = ["桂苑楼盘捆绑销售车位", "桂苑开发商强制捆绑车位销售", "买桂苑的房子必须捆绑买车位"]


def test_texts_about_one_matter_are_one_issue_with_words_for_a_label():
    texts = [*STATION, *PARKING, "希望增开一趟公交车", "路灯不亮"]
    found = {issue.label: {texts[place] for place in issue.members} for issue in issues_of(texts)}
    assert sorted(map(sorted, found.values())) == sorted([sorted(STATION), sorted(PARKING)])
    assert any("搅拌站" in label for label in found) and any("车位" in label for label in found)
    assert issues_of([]) == issues_of(["路灯不亮"]) == []


def test_names_of_persons_stand_in_no_label():
    texts = [f"王建国家的搅拌站噪音扰民{end}" for end in ("，请处理", "严重", "，夜里也响", "！")]
    (issue,) = issues_of(texts)
    assert "王建国" not in issue.label and "搅拌站" in issue.label


def test_heat_is_people_and_recency():
    assert heat_of([0, 0]) == 2 and heat_of([14]) == 0.5
    assert heat_of([0, 0, 0]) > heat_of([20] * 5)


@pytest.mark.django_db
def test_issues_are_of_one_type_and_place_and_count_people(city):
    # given four people at one place, one of whom speaks up thrice; two elsewhere, and others of another type
    here, there = city.area("grid"), city.area("other_community")
    for number, text in enumerate([*STATION, STATION[0], STATION[1]]):
        signals(here, [TODAY - timedelta(days=number)], text=text, complainant=f"{min(number, 3)}" * 64)
    for number, text in enumerate(STATION[:2]):
        signals(there, [TODAY], text=text, complainant=f"{number}" * 64)
    signals(here, [TODAY] * 2, text=STATION[0], type=kind("property"))
    signals(here, [TODAY - timedelta(days=120)] * 3, text=STATION[0])
    for text in PARKING:
        signals(city.area("community"), [TODAY - timedelta(days=30)], text=text)
    # when they are worked out, twice
    assert issues_work_out(TODAY) == issues_work_out(TODAY) == 2
    hot, cooler = HotIssue.objects.all()
    assert "搅拌站" in hot.label and "车位" in cooler.label and hot.pk > cooler.pk
    assert (hot.people, hot.records, hot.area, hot.type) == (4, 6, city.area("community"), kind())
    assert (hot.first_day, hot.last_day) == (TODAY - timedelta(days=5), TODAY)
    assert cooler.people == 3 and hot.heat > cooler.heat
    assert set(hot.signals.values_list("complainant", flat=True)) == {f"{n}" * 64 for n in range(4)}


@pytest.mark.django_db
def test_the_job_works_out_up_to_yesterday(city):
    signals(city.area("grid"), [TODAY] * 3, text=STATION[0])
    with time_machine.travel(at(TODAY + timedelta(days=1), 4), tick=False):
        assert work_out_hot_issues(int(timezone.now().timestamp())) == 1
    Signal.objects.all().update(text="")
    assert issues_work_out(TODAY) == 0 and not HotIssue.objects.exists()


@pytest.mark.skipif(not FILE.exists(), reason="../shared/data is not here")
def test_real_messages_give_their_two_known_great_issues():
    """Most people there write about two matters (read by hand); each of them comes out as one issue."""
    sheet = openpyxl.load_workbook(FILE, read_only=True).active
    heaps = defaultdict(list)
    for _number, person, subject, _when, words, *_rest in list(sheet.iter_rows(values_only=True))[1:]:
        text = f"{str(subject).strip()}：{str(words).strip()}"
        place = re.search(r"A\d+[区县市]", text)
        heaps[place.group(0) if place else ""].append((str(person), text))
    found = [
        (len({heap[place][0] for place in issue.members}), issue)
        for heap in heaps.values()
        for issue in issues_of([text for _person, text in heap])
    ]
    found.sort(key=lambda row: -row[0])
    (most, first), (next_most, second) = found[:2]
    assert most >= 30 and "车位" in first.label
    assert next_most >= 15 and "搅拌站" in second.label
    # nothing swallows everything
    assert most < 80
