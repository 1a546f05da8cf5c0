"""Signals: read by a saved mapping, repeats and duplicates found, types guessed only where sure, made into hazards."""

import gzip
import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.conf import settings as configured
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st

from governance.errors import Conflict, Invalid, NotPermitted
from governance.exchange.engine import RowsRefused, check
from governance.exchange.files import Source
from governance.exchange.importers import importer_named
from governance.exchange.runs import import_now
from governance.models import Event, Role, User
from mediation.models import Hazard, Signal, SignalSource
from mediation.prevention.complainants import complainant_hash, text_digest
from mediation.prevention.duplicates import WINDOW, KnownEvents
from mediation.prevention.receiving import records_receive
from mediation.prevention.signals import signal_report, signal_type_set
from mediation.prevention.tests.village import day

DATA = configured.BASE_DIR.parent / "shared" / "data"
ABSENT = "shared/data is not here"
LEAKS = "楼上卫生间漏水，楼下天花板泡坏，两家吵了三次都不肯出钱修"
BOARD = {
    "fields": {
        "external_id": {"path": "留言编号"},
        "text": {"path": 'join(\'：\', ["留言主题", "留言详情"])'},
        "received_at": {"path": "留言时间"},
        "complainant": {"path": "留言用户"},
    }
}
CENTRE = Role.OPERATIONS_CENTRE


def record(number: int = 1, **given) -> dict:
    return {"工单编号": f"W{number}", "诉求内容": LEAKS, "所属社区": "990102001001", "受理时间": "2026-05-01 09:30",
            "来电号码": "13900001111", "诉求类别": "邻里矛盾"} | given  # fmt: skip


def take(county, source, *records, by=None) -> list:
    return records_receive(records, actor=by or county.user(CENTRE), source=source)


def xlsx(header: list, *rows: list) -> Source:
    book = openpyxl.Workbook()
    for row in (header, *rows):
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    return Source("signals.xlsx", held.getvalue())


@pytest.mark.django_db
def test_the_same_caller_type_and_place_within_30_days_is_one_event(county, hotline):
    told = take(
        county, hotline,
        record(1), record(2, 受理时间="2026-05-20 09:30"),  # the same caller again
        record(3, 来电号码="13900002222"), record(4, 诉求类别="欠薪"),  # another caller, another matter
        record(5, 所属社区="990102002001"),  # another place
        record(6, 受理时间="2026-06-01 09:30"),  # 31 days after the first: anew
        record(1), record(7, 所属社区="990102001001001"),  # brought before; the grid of the same community
    )  # fmt: skip
    assert [one.status for one in told] == [
        "new", "duplicate", "new", "new", "new", "new", "repeated", "duplicate",
    ]  # fmt: skip
    first = told[0].signal
    assert told[1].event == first and told[7].event == first and told[6].signal is None
    assert Signal.objects.count() == 7 and Signal.objects.events().count() == 5
    # when the same file comes once more, nothing is stored
    assert {one.status for one in take(county, hotline, record(1), record(2, 受理时间="2026-05-20 09:30"))} == {
        "repeated"
    }
    assert Signal.objects.count() == 7
    # and a record that comes in late is still known as a repetition
    late = take(county, hotline, record(8, 受理时间="2026-04-25 08:00"))[0]
    assert (late.status, late.event) == ("duplicate", first)
    event = Event.objects.filter(name="signals.brought_in").order_by("id").first()
    assert event.payload == {"source": "hotline", "signals": 7, "duplicates": 2, "batch": first.batch_id}


@pytest.mark.django_db
def test_one_caller_50_times_is_one_event_and_fifty_callers_are_fifty(county, hotline):
    take(county, hotline, *(record(n, 受理时间=f"2026-05-{1 + n % 28:02d} 10:00") for n in range(50)))
    assert (Signal.objects.count(), Signal.objects.events().count()) == (50, 1)
    take(county, hotline, *(record(100 + n, 来电号码=f"1380000{n:04d}") for n in range(50)))
    assert Signal.objects.events().count() == 51


@pytest.mark.django_db
def test_without_a_caller_the_same_words_stand_for_one(county, hotline):
    told = take(
        county, hotline, record(1, 来电号码=""), record(2, 来电号码="", 诉求内容=f" {LEAKS}！！"),
        record(3, 来电号码="", 诉求内容="小区门口夜里烧烤摊太吵，一群人喝酒打架"),
        record(4, 来电号码="", 诉求内容="吵架"), record(5, 来电号码="", 诉求内容="吵架"),  # too short to know again
    )  # fmt: skip
    assert [one.status for one in told] == ["new", "duplicate", "new", "new", "new"]


@pytest.mark.django_db
def test_nothing_of_the_caller_is_kept_but_a_hash(county, hotline):
    signal = take(county, hotline, record())[0].signal
    row = Signal.objects.get(pk=signal.pk)
    assert row.complainant == complainant_hash(" 139-0000 1111 ") and len(row.complainant) == 64
    assert "13900001111" not in str(row.__dict__) + str(list(Event.objects.values_list("payload", flat=True)))


@pytest.mark.django_db
@pytest.mark.parametrize(("given", "field"), [
    ({"所属社区": "990103"}, "area"), ({"所属社区": "无此社区"}, "area"), ({"受理时间": "昨天"}, "received_at"),
    ({"受理时间": ""}, "event_date"), ({"受理时间": "2027-01-01"}, "event_date"),
    ({"发生日期": "1999-12-31"}, "event_date"),
    ({"受理时间": "9999-12-31"}, "event_date"),
    ({"受理时间": "0001-01-01T00:00:00+14:00"}, "received_at"),  # no such moment by our clocks
    ({"发生日期": "9999-12-31T23:59:59-12:00"}, "event_date"), ({"工单编号": "x" * 121}, "external_id"),
    ({"诉求内容": "", "诉求类别": "其他"}, "text"), ({"工单编号": ["a"]}, "external_id"),
])  # fmt: skip
def test_what_is_wrong_with_a_record_is_told_and_the_others_are_kept(county, hotline, given, field):
    told = take(county, hotline, record(1, **given), record(2))
    assert [one.status for one in told] == ["rejected", "new"]
    assert told[0].errors[0]["field"] == field
    assert Signal.objects.count() == 1


@pytest.mark.django_db
def test_a_type_is_guessed_only_where_the_words_leave_little_doubt(county, hotline):
    told = take(
        county, hotline,
        record(1, 诉求类别="", 诉求内容="工地包工头拖欠我们二十个农民工三个月工资，讨薪多次不给"),
        record(2, 诉求类别="", 诉求内容="请问社保卡在哪里办理", 来电号码="1"),
    )  # fmt: skip
    wages, question = (one.signal for one in told)
    assert (wages.type.code, wages.type_guessed) == ("migrant_wages", True)
    assert question.type is None and not question.type_guessed


@pytest.mark.django_db
def test_a_file_is_read_by_the_saved_mapping(county):
    # given a board whose files have columns of their own, among them some nobody needs
    SignalSource.objects.create(
        code="board", name="留言板", channel="opinion", area=county.area("community"), mapping=BOARD
    )
    header = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "反对数", "点赞数"]
    rows = [
        [188006, "A1", "物业不作为", "2026/2/28 11:25:05", "物业收费不服务\n业主与物业争吵", 0, 3],
        [188007, "A1", "物业不作为", "2026/3/2 8:00", "物业收费不服务，业主与物业争吵", 0, 0],
        [188008, "A2", "邻居装修", "2026/3/3 8:00", "邻居半夜装修", 0, 0],
    ]
    options = {"source": "board"}
    importer = importer_named("mediation.signals")
    report = check(importer(options), xlsx(header, *rows), actor=county.user(CENTRE))
    assert (report.lines, report.adds, report.error_count) == (3, 3, 0) and Signal.objects.count() == 0
    # then what repeats is said before anything is stored
    assert len(report.notes) == 1 and report.notes[0].startswith("1 ")
    import_now(actor=county.user(CENTRE), key="mediation.signals", sources=[xlsx(header, *rows)], options=options)
    first = Signal.objects.get(external_id="188006")
    assert first.text == "物业不作为：物业收费不服务 业主与物业争吵" and first.area == county.area("community")
    assert (first.event_date, first.channel) == (date(2026, 2, 28), "opinion")
    assert Signal.objects.events().count() == 2
    # and the same file again changes nothing
    run = import_now(actor=county.user(CENTRE), key="mediation.signals", sources=[xlsx(header, *rows)], options=options)
    assert (run.adds, run.same) == (0, 3) and Signal.objects.count() == 3
    # a broken line is named, and nothing of the file is stored
    with pytest.raises(RowsRefused) as refused:
        import_now(actor=county.user(CENTRE), key="mediation.signals", options=options,
                   sources=[xlsx(header, [9, "A3", "x", "不知道", "y", 0, 0])])  # fmt: skip
    (error,) = refused.value.report.errors
    assert error.line == 2 and error.column == "留言时间" and "“不知道”" in error.message
    assert Signal.objects.count() == 3


@pytest.mark.django_db
def test_a_file_with_our_own_columns_needs_no_mapping(county):
    header = ["received_at", "channel", "area", "type", "complainant", "text"]
    lines = [
        ["2026-05-01 08:00", "hotline", "990102001001", "neighbours", "139", LEAKS],
        ["2026-05-02", "petition", "community区", "物业纠纷", "", "物业费涨价，业主围堵物业办公室"],
    ]
    run = import_now(actor=county.user(Role.COUNTY_CENTRE), key="mediation.signals", sources=[xlsx(header, *lines)],
                     options={})  # fmt: skip
    assert run.adds == 2
    assert list(Signal.objects.order_by("id").values_list("channel", "type__code", "area__code")) == [
        ("hotline", "neighbours", "990102001001"), ("petition", "property_management", "990102001001"),
    ]  # fmt: skip
    wrong = ["2026-05-02", "telegraph", "990102001001", "", "", LEAKS]
    report = check(importer_named("mediation.signals")({}), xlsx(header, wrong), actor=county.user(CENTRE))
    assert [(error.line, error.column) for error in report.errors] == [(2, "channel")]


@pytest.mark.django_db
def test_who_brings_in_signals_and_who_reads_them(county, hotline):
    may = {"administrator", "operations_centre", "county_centre"}
    for key in sorted(county.people):
        person = county.user(key) if key in county.people else None
        before = Signal.objects.count()
        told = take(county, hotline, record(1000 + sorted(county.people).index(key), 来电号码=key), by=person)
        assert (told[0].status == "new") == (key in may), key
        assert Signal.objects.count() == before + (key in may)
    readers = may | {"village_mediator", "colleague", "township_mediator"}
    for key in sorted(county.people):
        assert Signal.objects.visible_to(county.user(key)).exists() == (key in readers), key
    # a machine may, in the area of its source
    assert take(county, hotline, record(2000), by=User.objects.system("intake"))[0].status in ("new", "duplicate")
    with pytest.raises(Invalid) as refusal:
        check(
            importer_named("mediation.signals")({"source": "nowhere"}),
            xlsx(["text"], [LEAKS]),
            actor=county.user(CENTRE),
        )
    assert (refusal.value.field, refusal.value.code) == ("source", "does_not_exist")


@pytest.mark.django_db
def test_a_signal_becomes_a_hazard_with_what_repeats_it(county, hotline):
    told = take(county, hotline, record(1), record(2), record(3, 所属社区="990102", 来电号码="138"))
    signal, again, vague = (one.signal for one in told)
    with pytest.raises(NotPermitted):
        signal_report(signal, actor=county.user(CENTRE))
    assert Hazard.objects.count() == 0
    found = signal_report(again, actor=county.mediator)
    assert (found.source, found.type.code, found.words) == ("hotline", "neighbours", LEAKS)
    assert set(Signal.objects.filter(hazard=found)) == {signal, again}
    with pytest.raises(Conflict):
        signal_report(signal, actor=county.mediator)
    # one that knows no community needs to be told where, by somebody whose it is to see
    with pytest.raises(NotPermitted):
        signal_report(vague, actor=county.mediator)
    # and what comes in later and repeats it goes along
    assert Signal.objects.get(pk=take(county, hotline, record(9))[0].signal.pk).hazard == found


@pytest.mark.django_db
def test_a_type_put_right_goes_for_the_whole_event(county, hotline):
    told = take(county, hotline, record(1), record(2), record(3, 诉求类别="欠薪"))
    first, again, wages = (one.signal for one in told)
    for stranger in (county.user(Role.GRID_WORKER), county.outsider(Role.VILLAGE_MEDIATOR)):
        with pytest.raises(NotPermitted):
            signal_type_set(first, actor=stranger, type=None)
    assert signal_type_set(again, actor=county.mediator, type=county.type("damages")).type.code == "damages"
    assert Signal.objects.get(pk=first.pk).type.code == "damages"
    # where the same caller told of that already, it joins that event
    signal_type_set(first, actor=county.mediator, type=county.type("migrant_wages"))
    assert set(Signal.objects.filter(duplicate_of=wages)) == {first, again}
    assert list(Signal.objects.events()) == [wages]


@pytest.mark.django_db
@pytest.mark.skipif(not (DATA / "hotline_hot_issues.xlsx").exists(), reason=ABSENT)
def test_the_real_message_board_comes_in(county):
    SignalSource.objects.create(
        code="board", name="留言板", channel="opinion", area=county.area("district"), mapping=BOARD
    )
    source = Source("hotline_hot_issues.xlsx", (DATA / "hotline_hot_issues.xlsx").read_bytes())
    given = {"key": "mediation.signals", "sources": [source], "options": {"source": "board"}}
    run = import_now(actor=county.user(CENTRE), **given)
    assert run.lines == run.adds == Signal.objects.count() and run.lines > 4000
    # who wrote again of the same within 30 days is not counted again
    duplicates = Signal.objects.exclude(duplicate_of=None).select_related("duplicate_of")
    assert duplicates
    for row in duplicates:
        head = row.duplicate_of
        assert head.duplicate_of_id is None and abs(head.event_date - row.event_date) <= WINDOW
        assert (head.complainant, head.type_id) == (row.complainant, row.type_id)
    again = import_now(actor=county.user(CENTRE), **given)
    assert (again.adds, again.same) == (0, run.lines)


@pytest.mark.django_db
@pytest.mark.skipif(not (DATA / "hotline_messages_dev.csv.gz").exists(), reason=ABSENT)
def test_the_real_hotline_messages_come_in_by_a_mapping_with_defaults(county):
    mapping = {"fields": {"text": {"path": "text"}, "received_at": {"default": "2026-05-01"},
                          "type": {"path": "label", "values": {"劳动和社会保障": "labour", "*": ""}}}}  # fmt: skip
    SignalSource.objects.create(
        code="dev", name="热线", channel="hotline", area=county.area("district"), mapping=mapping
    )
    lines = gzip.decompress((DATA / "hotline_messages_dev.csv.gz").read_bytes())
    source = Source("hotline_messages_dev.csv", lines)
    report = check(importer_named("mediation.signals")({"source": "dev"}), source, actor=county.user(CENTRE))
    assert report.error_count == 0 and report.adds == report.lines > 1000


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@drawn(st.lists(st.integers(0, 400), max_size=60))
def test_events_of_one_caller_lie_more_than_30_days_apart(days):
    known, heads = KnownEvents(), []
    for number in days:
        found = known.of("c1", 1, 1, day(number))
        if found is None:
            signal = Signal(event_date=day(number))
            known.add("c1", 1, 1, day(number), signal)
            heads.append(number)
        else:
            assert abs(found.event_date - day(number)) <= timedelta(days=30)
    assert all(abs(one - other) > 30 for place, one in enumerate(heads) for other in heads[:place])


def test_the_same_words_are_known_again_whatever_their_signs():
    assert text_digest("楼上 漏水，泡坏了天花板！") == text_digest("楼上漏水泡坏了天花板") != ""
    assert text_digest("吵架") == "" == complainant_hash(" - ")


def test_one_caller_is_the_same_with_and_without_the_prefix_of_the_country():
    plain = complainant_hash("13900003001")
    for told in ("+86 139 0000 3001", "8613900003001", "0086-13900003001", "013900003001", "139-0000-3001"):
        assert complainant_hash(told) == plain, told
    # other numbers keep what stands before them
    assert complainant_hash("073188880000") != complainant_hash("73188880000")
    assert complainant_hash("861390000300") != complainant_hash("1390000300")
