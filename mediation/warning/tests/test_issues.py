"""Hot issues: texts of one type and place about one matter, labelled, ranked by people and recency."""

import random
import re
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from governance.exchange.files import Source
from governance.exchange.runs import import_now
from governance.models import Role
from mediation.models import HotIssue, Signal, SignalSource
from mediation.prevention.complainants import text_digest
from mediation.prevention.signals import signal_report
from mediation.prevention.tests.test_signals import BOARD
from mediation.prevention.tests.village import step
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


def of_the_plant(number: int) -> list[str]:
    """So many people about one matter, in nearly as many words."""
    chosen = random.Random(1)
    parts = (
        ("丽园小区旁边的搅拌站", "丽园小区附近的搅拌站", "小区边上搅拌站", "丽园搅拌站"),
        ("夜里噪音扰民", "噪音太大睡不着", "粉尘和噪音严重影响生活", "夜间施工噪音不断", "灰尘很大噪音很响"),
        ("，多次投诉无人处理", "，请求赔偿", "，要求搬迁", "，协商未果", "，矛盾很大", ""),
        ("，孩子上学", "，老人睡不好", "，窗户打不开", "，车来车往", "，路面全是泥", "，运输车超载"),
    )
    return ["".join(chosen.choice(part) for part in parts) + f"，{chosen.randint(1, 30)}栋" for _ in range(number)]


@pytest.mark.parametrize("people", [60, 81, 200, 1000])
def test_a_matter_of_many_people_is_one_issue_whatever_their_number(people):
    # in the same words, and in their own
    for texts in (STATION[:1] * people, of_the_plant(people)):
        (issue,) = issues_of([*texts, "希望增开一趟公交车", "路灯不亮"])
        assert issue.members == tuple(range(people)) and "搅拌站" in issue.label


def test_a_text_sent_round_is_of_one_matter_with_others_own_words():
    texts = [*[STATION[0]] * 90, *STATION[1:], *[PARKING[0]] * 50, *PARKING[1:], "路灯不亮"]
    found = {issue.label: len(issue.members) for issue in issues_of(texts)}
    assert sorted(found.values()) == [52, 93]


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
def test_one_text_sent_round_without_names_is_one_person_and_of_hashes_each_counts(county):
    # given a template that 90 people sent, by their numbers; and one that came 50 times, nobody says by whom
    here, elsewhere = county.area("community"), county.area("other_community")
    for number in range(90):
        signals(here, [TODAY], text=STATION[0], text_digest="a" * 64, complainant=f"{number:064d}")
    signals(elsewhere, [TODAY] * 50, text=STATION[0], text_digest="a" * 64)
    # then the first is the issue of 90 people, the second of one, which is none
    assert issues_work_out(TODAY) == 1
    issue = HotIssue.objects.get()
    assert (issue.area, issue.people, issue.records) == (here, 90, 90)
    # and with two others beside, it is one of three
    for text in STATION[1:3]:
        signals(elsewhere, [TODAY], text=text, text_digest=text_digest(text))
    assert issues_work_out(TODAY) == 2
    assert HotIssue.objects.values_list("people", "records").get(area=elsewhere) == (3, 52)


@pytest.mark.django_db
def test_no_label_quotes_a_record_that_led_to_a_dispute(county):
    # given three neighbours of a plant; the words of the one in their middle led to a dispute
    here, kept = county.area("community"), STATION[1:3]
    middle = "丽园小区附近搅拌站老何家门口噪音粉尘太大影响小区"
    for number, text in enumerate([middle, *kept]):
        signals(here, [TODAY - timedelta(days=number)], text=text, type=county.type())
    assert issues_work_out(TODAY) == 1
    before = HotIssue.objects.get()
    made = Signal.objects.get(text=middle)
    _disputed(county, made)
    # when the issues are worked out, then the label is in the words of another, and all are counted
    assert issues_work_out(TODAY) == 1
    issue = HotIssue.objects.get()
    assert (issue.people, issue.records, issue.heat) == (before.people, before.records, before.heat)
    assert issue.label and any(all(word in text for word in issue.label.split()) for text in kept)
    assert issue.label != before.label and issue.label == issues_of([*kept, middle], {2})[0].label
    # and where all of them led to one, it is the name of the type
    for signal in Signal.objects.exclude(pk=made.pk):
        _disputed(county, signal)
    assert issues_work_out(TODAY) == 1
    issue = HotIssue.objects.get()
    assert (issue.label, issue.people) == (county.type().name, before.people)


def _disputed(county, signal):
    step(county, step(county, signal_report(signal, actor=county.mediator), "assess"), "convert")


@pytest.mark.django_db
def test_records_without_a_type_said_are_grouped_and_judged_together(county):
    # given neighbours of a mixing plant, hardly one of whom says for sure what it is, and people who want a bus
    here = county.area("community")
    for number, text in enumerate([*STATION, f"{STATION[0]}，多次投诉，不肯整改"]):
        signals(here, [TODAY - timedelta(days=number)], text=text)
    for text in (
        "希望增开一趟公交车到丽园小区",
        "请求增开公交车到丽园小区",
        "丽园小区希望增开公交车",
        "建议增开公交车到丽园小区",
    ):
        signals(here, [TODAY], text=text)
    Signal.objects.update(type=None)
    guessed = Signal.objects.order_by("pk").first()
    guessed.type, guessed.type_guessed = county.type("property_management"), True
    guessed.save()
    # then the plant is one issue of the likeliest type, guessed ones among it, and the bus is no quarrel
    assert issues_work_out(TODAY) == 1
    issue = HotIssue.objects.get()
    assert "搅拌站" in issue.label and (issue.type.code, issue.records) == ("pollution", 5)


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


@pytest.mark.django_db
@pytest.mark.skipif(not FILE.exists(), reason="../shared/data is not here")
def test_the_real_file_comes_in_is_grouped_and_ranked(county):
    """From the file to the ranks, as somebody who imports it sees them; its messages name no type."""
    # given the file, brought in by a mapping
    SignalSource.objects.create(
        code="board", name="留言板", channel="opinion", area=county.area("district"), mapping=BOARD
    )
    run = import_now(actor=county.user(Role.OPERATIONS_CENTRE), key="mediation.signals", options={"source": "board"},
                     sources=[Source(FILE.name, FILE.read_bytes())])  # fmt: skip
    assert run.adds > 4000
    # when hot issues are worked out at the two times at which most people wrote, then what they wrote of stands first
    for day, word, kind_of, least in (
        (date(2019, 9, 15), "车位", "property_management", 25), (date(2020, 1, 10), "搅拌站", "pollution", 15),
    ):  # fmt: skip
        issues_work_out(day)
        first = HotIssue.objects.first()
        assert word in first.label and first.people >= least, HotIssue.objects.values_list("label", "people")[:5]
        assert first.type.code == kind_of
        assert list(HotIssue.objects.values_list("heat", flat=True)) == sorted(
            HotIssue.objects.values_list("heat", flat=True), reverse=True
        )
