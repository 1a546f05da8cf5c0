"""Every list of the admin goes out as a file, and comes in as one unless only processes and people's steps write it."""

import io
import zipfile

import openpyxl
import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse

from cases.admin.filters import AreaFilter
from cases.models import DuplicateRule, HotSpotRule, PatrolPlan
from cases.tests.patrols import a_beat
from cases.tests.rules import a_rule, a_scene
from cases.tests.sources import make_source
from devices.models import CollectionRound, ReadingRetention
from devices.tests.fleet import build_fleet
from governance.admin.exports import ExportMixin
from governance.exchange.engine import check
from governance.exchange.files import Source
from governance.exchange.importers import grant_to_import, importers, model_of
from governance.models import CalendarDay, Event, VenueClosure
from governance.notices.tests.conftest import channel, load_shipped, rule
from governance.registry.tests.conftest import build_registry
from governance.tests.bookings import hall_of
from mediation.models import DisputeType, MediationRule, PaperText, SignalSource, WarningWatch
from partners.models import (
    AgreementTerms,
    CreditFormula,
    CreditLevel,
    CreditWeight,
    EarningRule,
    EvaluationForm,
    NeedCategory,
    NeedLimit,
    Profession,
    QualificationKind,
    Recruitment,
    ServiceKind,
    SettlementRate,
)
from property.assembly.tests.furnished import furnish_assembly
from property.models import DisclosureRule, RuleSet, SkillCategory, TermReminder
from property.tests.furnished import furnish_party

# Lists whose rows come about by themselves. A new list is imported, or stands here with the reason why it cannot be.
NOT_IMPORTED = {
    "mediation.dispute": "registered at the counter, or out of a hazard; whose papers they are is private",
    "mediation.recusal": "asked for on the dispute's page",
    "mediation.escalationrequest": "one unit asks another, with a reason, on its page",
    "mediation.track": "organs are invited one by one and take part",
    "mediation.departmenttask": "asked by the county centre, answered by the departments",
    "mediation.sitting": "planned with a room, and held",
    "mediation.mediationnote": "written by who was there",
    "mediation.respectedhelper": "each is registered by the committee that knows them, with their consent",
    "mediation.helperinvitation": "proposed to the parties of one dispute",
    "mediation.disputeaccess": "written by every reading of a dispute",
    "mediation.agreement": "drafted by the mediator of a dispute",
    "mediation.obligation": "part of an agreement",
    "mediation.judicialconfirmation": "begins when an agreement takes effect",
    "mediation.followupvisit": "made by themselves when an agreement takes effect",
    "mediation.counsellingreferral": "offered by the mediator of a dispute",
    "cases.caseappeal": "units appeal on the case's page",
    "cases.caserequest": "units ask on the case's page",
    "cases.casereturn": "units give cases back on the case's page",
    "cases.daytally": "counted out of the cases by the worker",
    "cases.deadletter": "messages of sources that could not be taken",
    "cases.hotspotsignal": "found by the nightly watch",
    "cases.openrequest": "requests that clients of Open311 send",
    "cases.patrol": "rounds are made by their plans; what happened on them is checked in on the spot",
    "cases.scoreappeal": "units appeal on the page of the figure",
    "cases.scoreperiod": "computed and frozen by the centre",
    "cases.trainingexample": "what people teach the classifier by deciding",
    "cases.textmodel": "learnt by train_dispatch",
    "devices.collectionrun": "planned every day out of the rounds",
    "devices.alarm": "raised and cleared by what devices report",
    "devices.shelving": "alarms are shelved on their page, or by themselves",
    "devices.devicerefusal": "counted by the doors for readings",
    "devices.devicecommand": "orders are given on the device's page",
    "devices.deviceforecast": "computed every night",
    "mediation.hazard": "reported on the spot, by the desk, or out of a signal",
    "property.ballot": "read from papers at the desk, or cast online",
    "property.resolution": "proposed, and moved on by people's steps",
    "property.rollentry": "drawn from the registry for each decision",
    "property.agendaitem": "put forward by residents and the chair, and from what is unfinished",
    "property.assemblysession": "made by the rule of the assembly, and moved on by people's steps",
    "property.followupitem": "given to somebody out of what was agreed",
    "property.invitation": "the seats are asked with the notice",
    "property.crossappointment": "each is entered with the document that decided it",
    "property.eventfeedback": "said by people who were there",
    "property.eventphoto": "uploaded on the event's page",
    "property.signup": "residents sign up",
    "property.skillentry": "residents offer and want",
    "property.skillmatch": "proposed and confirmed by people",
    "property.volunteering": "residents help",
    "property.servicerecord": "occurrences are made out of the published lists",
    "property.servicerating": "residents rate",
    "property.parcel": "parcels are taken in at the counter",
    "property.disputesighting": "handed over on the spot by who saw them",
    "property.hoursentry": "counted line by line from what was done",
    "property.joinrequest": "residents ask on their own page",
    "property.outreachvisit": "logged on the spot",
    "property.shiftduty": "shifts are taken on the phone, or assigned on their page",
    "property.stewardshift": "made out of the plans of shifts",
    "property.carevisit": "visits are planned by the list of people and reported on the spot",
    "partners.partner": "people and organisations apply",
    "partners.qualification": "handed in with their documents by the partner",
    "partners.partneragreement": "made out and signed on the partner's page",
    "partners.offerslot": "dates are added on the page of the offer",
    "partners.offerplace": "residents take places",
    "partners.project": "planned in the admin out of needs",
    "partners.claim": "handed in by partners that fit",
    "partners.evaluation": "asked for and answered by people",
    "partners.needvisit": "logged on the spot by who was there",
    "partners.account": "opened for a person or a unit when they become a partner or merchant",
    "partners.adjustment": "proposed by one person and decided by another",
    "partners.hold": "placed by who redeems",
    "partners.donation": "received by hand against a numbered receipt",
    "partners.earning": "decided with the evidence that is approved",
    "partners.hourscertificate": "issued from the book of hours",
    "partners.monthlyclosing": "kept by the worker when a month is over",
    "partners.creditappeal": "partners appeal on their own page",
    "partners.creditcandidate": "taken out of the files when a list is drawn up, or put there by hand",
    "partners.creditlist": "drawn up on its own page",
    "partners.creditnote": "recorded by hand, each with a notice to the partner",
    "partners.creditprofile": "computed every night and on demand",
    "partners.settlementsheet": "proposed out of what a merchant received",
    "partners.volunteerhours": "counted from approved records",
    "partners.redemption": "members redeem",
    "partners.stockentry": "stock is received and corrected on the reward's page",
    "partners.survey": "built question by question, or copied; a template begins one",
    "partners.surveyanswersheet": "residents answer, or staff enter it sheet by sheet",
    "partners.surveymark": "made on the page of the results",
    "partners.surveytemplate": "shipped with their questions; which are offered is said on its page",
    "partners.transfer": "booked by what earns and spends, from evidence",
    "governance.attachment": "files come with what they belong to",
    "governance.calendarfeed": "a link is a secret that its owner makes",
    "governance.delivery": "messages are planned and sent by the worker",
    "governance.event": "the history: written with each change, by it alone",
    "governance.heartbeat": "signs of life of the processes",
    "governance.importrun": "the imports themselves",
    "governance.linkedidentity": "made when somebody signs in by another provider",
    "governance.notice": "written by the worker out of events",
    "governance.timer": "deadlines are set by what has them",
    "mediation.earlywarning": "found by the nightly watch",
    "mediation.hotissue": "worked out every night",
    "mediation.signalbatch": "written down when signals are brought in",
    "property.charge": "computed when a cost period is published or corrected",
    "property.disclosure": "planned when a quarter or half year is over",
    "property.estatebooks": "opened once for an estate",
    "property.maintenancefund": "registered on the page of the books; its ledger is written line by line",
}


def label_of(model_admin) -> str:
    return model_admin.opts.label_lower


LISTS = sorted(admin.site._registry.values(), key=label_of)


def test_every_list_is_exported_and_imported_or_says_why_not():
    filled = {model_of(cls) for cls in importers().values()}
    lists = {label_of(one) for one in LISTS}
    assert all(isinstance(one, ExportMixin) for one in LISTS)
    assert lists - filled == NOT_IMPORTED.keys()
    # and no import is offered by no list
    assert filled <= lists


def test_each_list_offers_its_imports_to_those_who_may(city):
    # given everybody who works in the city, and a resident
    request = RequestFactory().get("/")
    offered = {label_of(one): set() for one in LISTS}
    for person in city.people.values():
        request.user = person
        for one in LISTS:
            offered[label_of(one)] |= {person.username} if one.import_links(request) else set()
    # then each list offers an import to somebody, and none to a resident
    assert {label for label, people in offered.items() if not people} == NOT_IMPORTED.keys()
    assert not any({"resident", "outside_resident"} & people for people in offered.values())
    # and the doors stand open exactly as wide as the roles say
    by_role = {label: {name for name in people if not name.startswith("outside_")} for label, people in offered.items()}
    assert by_role["cases.case"] == {"operations_centre", "registrar", "dispatcher", "handler", "grid_worker",
                                     "community_staff"}  # fmt: skip
    assert by_role["governance.noticechannel"] == by_role["devices.deviceprofile"] == {"administrator"}
    assert by_role["governance.residency"] == by_role["governance.venue"] == {"administrator", "community_staff"}
    assert by_role["cases.patrolplan"] == {"administrator", "community_staff", "operations_centre"}


def test_every_list_is_narrowed_by_area_where_it_offers_that(city):
    client = Client()
    client.force_login(city.user("administrator"))
    for one in LISTS:
        if AreaFilter in one.list_filter and one.has_view_permission(_asked_by(city.user("administrator"))):
            address = reverse(f"admin:{one.opts.app_label}_{one.opts.model_name}_changelist")
            assert client.get(address, {"area": city.community.pk}).status_code == 200, address


def _asked_by(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


@pytest.fixture
def furnished(city):
    """The city with rows in every list that can be had as a sheet to change."""
    fleet = build_fleet(city)
    fleet.cover_profile.statuses.filter(code="missing").update(opens_case=False)
    build_registry(city, people=False)  # the roles of estates have their people in the estate of red property
    beat = a_beat(city)
    PatrolPlan.objects.filter(pk=beat.plan.pk).update(rule="weekdays", weekdays=[0, 4], worker=city.user("grid_worker"))
    VenueClosure.objects.create(venue=hall_of(city), first_day="2026-12-08", last_day="2026-12-09", reason="粉刷")
    load_shipped()
    rule(condition={"stage": "handling"}, channel=channel(city, "dingtalk://" + "5ecret" * 10, kind="dingtalk"),
         recipient="channel", role="", part="")  # fmt: skip
    DuplicateRule.objects.create(category=city.category, metres=80)
    HotSpotRule.objects.create(code="watch", name="全市", area=city.city)
    WarningWatch.objects.create(code="district", name="区", area=city.area("district"))
    a_scene(city, categories=[city.category], units=[city.municipal])
    a_rule(city, categories=[city.category], parts=[("assisting", city.municipal)], words=["井盖"], weekdays=[0, 1])
    make_source(city)
    DuplicateRule.objects.create(metres=50)
    ReadingRetention.objects.create(starts_on="2026-01-01", raw_days=90)
    CollectionRound.objects.create(code="CR-1", name="早班清运", unit=city.municipal, area=city.street, depot="停车场",
                                   longitude=112.9, latitude=28.2)  # fmt: skip
    DisclosureRule.objects.create(code="fund-2020", kind="fund", months=6, days=30, source="试验")
    TermReminder.objects.create(code="contract-60", kind="contract", days=60)
    RuleSet.objects.create(code="ordinary", name="一般事项", kind="statutory", source="民法典 278")
    furnish_assembly(furnish_party(city))
    SkillCategory.objects.create(code="music", name="乐器", words=["二胡", "笛子"])
    licence = QualificationKind.objects.create(code="lawyer-licence", name="律师执业证")
    Profession.objects.create(code="lawyer", name="律师", licence=licence)
    terms = AgreementTerms.objects.create(code="t-1", title="合伙人协议", text="一、自愿。", valid_from="2026-01-01")
    Recruitment.objects.create(area=city.community, terms=terms)
    kind = ServiceKind.objects.create(code="consultation", name="法律咨询")
    EarningRule.objects.create(kind=kind, area=city.street, points=10, valid_from="2026-01-01")
    formula = CreditFormula.objects.create(code="credit-1", name="信用分", area=city.street)
    CreditWeight.objects.create(formula=formula, line="points", weight="0.1", cap=30)
    CreditLevel.objects.create(formula=formula, code="A", name="优秀", least=0)
    SettlementRate.objects.create(area=city.area("community"), yuan="0.5", valid_from="2026-01-01")
    DisputeType.objects.create(code="neighbours", name="邻里纠纷")
    MediationRule.objects.create(area=city.street, valid_from="2026-01-01", term_days=30, source="试验")
    PaperText.objects.create(area=city.street, sentence="notice_local", valid_from="2026-01-01", text="咨询：调解室")
    NeedCategory.objects.create(code="elders", name="为老服务", words=["老人", "长者"])
    NeedLimit.objects.create(valid_from="2026-01-01", verify_days=5, call_back_days=7)
    form = EvaluationForm.objects.create(
        code="v1", title="评估表", valid_from="2026-01-01", residents=40, staff=30, third=30
    )
    form.items.create(party="third", position=1, text="目标达成")
    form.grades.create(name="优秀", from_score=85, share=100)
    SignalSource.objects.create(code="hotline", name="热线", channel="hotline", area=city.district)
    CalendarDay.objects.create(area=city.street, date="2026-12-10", is_workday=False, reason="=1+1")
    return city


def test_what_is_stored_goes_out_as_a_sheet_and_back_in_without_a_change(furnished):
    # given the sheets as an administrator gets them
    admin = furnished.user("administrator")
    client = Client()
    client.force_login(admin)
    told = {}
    for key, cls in importers().items():
        response = client.post(reverse("admin:governance_importrun_filled", args=[key]))
        if not cls.filled_from or grant_to_import(cls, admin) is None:
            assert response.status_code == 404, key
            continue
        assert response.status_code == 200, key
        content = b"".join(response.streaming_content)
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            assert not any(b"5ecret" in parts.read(name) for name in parts.namelist()), key
        # when they are brought back
        report = check(cls(), Source("sheet.xlsx", content), actor=admin)
        told[key] = (report.lines > 0, report.same == report.lines, report.errors)
    # then each has lines, and none of them changes anything
    assert {key: row for key, row in told.items() if row != (True, True, [])} == {}
    assert len(told) > 20
    # and each time it is recorded who took it
    assert Event.objects.filter(name="export.done", actor=admin).count() == len(told)


def test_a_sheet_holds_what_the_person_sees_and_is_asked_for_by_post(furnished):
    staff, client = furnished.outsider("community_staff"), Client()
    client.force_login(staff)
    address = reverse("admin:governance_importrun_filled", args=["registry.estates"])
    assert client.get(address).status_code == 405
    rows = openpyxl.load_workbook(io.BytesIO(b"".join(client.post(address).streaming_content))).active
    assert [row[0].value for row in rows.iter_rows(min_row=2) if row[0].value] == ["ly"]
    # who may not import gets none
    client.force_login(furnished.user("registrar"))
    assert client.post(address).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff)
    assert strict.post(address).status_code == 403
    assert Event.objects.filter(name="export.done").count() == 1


def test_a_sheet_needs_few_statements_however_many_lines_it_has(furnished, django_assert_max_num_queries):
    client = Client()
    client.force_login(furnished.user("administrator"))
    for key, cls in importers().items():
        if cls.filled_from and grant_to_import(cls, furnished.user("administrator")):
            with django_assert_max_num_queries(12):
                client.post(reverse("admin:governance_importrun_filled", args=[key]))
