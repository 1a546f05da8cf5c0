"""Archived files give up identity numbers, phones and caucus notes after the years of the rule; off without a rule."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from governance.models import Area, Event
from mediation.agreements.documents.papers import paper_take
from mediation.agreements.documents.words import words_of
from mediation.agreements.tests.deals import effective
from mediation.disputes import retention
from mediation.disputes.impartial import is_party
from mediation.disputes.retention import disputes_forget
from mediation.disputes.rules import rule_for, rules_on
from mediation.disputes.tasks import forget_contacts
from mediation.joint.notes import note_write
from mediation.models import Dispute, DisputeFile, DisputeState, MediationNote, MediationRule, Party
from mediation.tests.county import NOW
from mediation.tests.papers import text_of

pytestmark = pytest.mark.django_db
YEARS = 10


def a_file(county, *, state: str = DisputeState.ARCHIVED, days: int = 1) -> Dispute:
    """A file with notes of both kinds, archived ten years and so many days ago."""
    dispute = county.mediating()
    for kind in ("record", "caucus"):
        note_write(dispute, actor=county.mediator, kind=kind, text=f"{kind} 的话")
    Dispute.objects.filter(pk=dispute.pk).update(
        state=state, archived_at=NOW - relativedelta(years=YEARS) - timedelta(days=days)
    )
    return Dispute.objects.get(pk=dispute.pk)


def rule(county, area: str = "street", **given) -> MediationRule:
    given = {"valid_from": date(2026, 1, 1), "contact_years": YEARS} | given
    return MediationRule.objects.create(area=county.area(area), **given)


def whole(dispute: Dispute) -> tuple:
    parties = list(Party.objects.filter(dispute=dispute).order_by("pk"))
    return [(one.phone, one.identity) for one in parties], MediationNote.objects.filter(dispute=dispute).count()


def test_without_a_rule_nothing_is_taken_out(county):
    dispute = a_file(county, days=40_000)
    MediationRule.objects.create(area=county.area("street"), valid_from=date(2026, 1, 1))
    before = whole(dispute), Event.objects.count()
    assert disputes_forget() == 0 and (whole(dispute), Event.objects.count()) == before


def test_after_its_years_a_file_tells_what_it_must_and_no_more(county):
    # given one file whose years are over, one a day short of it, and one of another street
    rule(county)
    over, short = a_file(county), a_file(county, days=-1)
    kept = whole(short)
    # when the nightly job runs, twice
    assert [forget_contacts(0), forget_contacts(0)] == [1, 0]
    # then identity numbers, phones and caucus notes are gone; the file, its names and its record stay
    over = Dispute.objects.get(pk=over.pk)
    assert over.emptied_at == NOW and over.state == "archived" and over.facts and over.title
    assert whole(over) == ([("", ""), ("", "")], 1)
    assert MediationNote.objects.get(dispute=over).kind == "record"
    assert [party.name for party in over.parties.order_by("pk")] == ["何秀英", "马国梁"]
    assert not over.parties.exclude(identity_digest="").exists()
    assert whole(short) == kept and Dispute.objects.get(pk=short.pk).emptied_at is None
    # and it is told, in figures
    event = Event.objects.get(name="dispute.emptied")
    assert event.actor.is_system and event.subject_id == over.pk
    assert (event.payload["parties"], event.payload["notes"], event.payload["years"]) == (2, 1, YEARS)
    # and the doors of the file still answer
    client = client_of(county.mediator)
    for url in (f"/api/v1/mediation/disputes/{over.pk}/", f"/admin/mediation/dispute/{over.pk}/change/"):
        assert client.get(url).status_code == 200, url


def test_who_is_a_party_by_phone_still_keeps_out(county):
    # given somebody who is a party by the phone alone
    rule(county)
    person = county.user("colleague")
    person.phone = "13900003002"
    dispute = a_file(county)
    assert is_party(dispute.parties.all(), person)
    # when the file is emptied, then they are still known as one
    assert disputes_forget() == 1
    assert is_party(Dispute.objects.get().parties.all(), person)


@pytest.mark.parametrize("state", [DisputeState.CLOSED, DisputeState.REOPENED, DisputeState.MEDIATING])
def test_only_archived_files_are_emptied(county, state):
    rule(county)
    dispute = a_file(county, state=state)
    before = whole(dispute)
    assert disputes_forget() == 0 and whole(dispute) == before


def test_a_file_that_was_reopened_has_years_of_its_own(county):
    # given a file that was emptied, reopened, and archived again
    rule(county)
    dispute = a_file(county)
    assert disputes_forget() == 1
    for party in dispute.parties.all():
        party.phone = "13900003009"
        party.save()
    Dispute.objects.update(archived_at=NOW + timedelta(days=30))
    assert disputes_forget(NOW + relativedelta(years=YEARS)) == 0
    # then it is emptied when these are over
    assert disputes_forget(NOW + timedelta(days=31) + relativedelta(years=YEARS)) == 1
    assert whole(dispute)[0] == [("", ""), ("", "")]


def test_how_long_is_the_rule_of_the_place(county):
    rule(county, "other_street", contact_years=3)
    dispute = a_file(county)
    assert disputes_forget() == 0
    rule(county, "district", contact_years=YEARS + 1)
    assert disputes_forget() == 0
    rule(county, "community")
    assert disputes_forget() == 1 and Dispute.objects.get(pk=dispute.pk).emptied_at


def agreed(county) -> Dispute:
    """A file with an agreement in effect whose years are over."""
    dispute = effective(county).dispute
    Dispute.objects.filter(pk=dispute.pk).update(
        state=DisputeState.ARCHIVED, archived_at=NOW - relativedelta(years=YEARS) - timedelta(days=1)
    )
    return Dispute.objects.with_rows().get(pk=dispute.pk)


def scanned(county, dispute: Dispute, **given) -> DisputeFile:
    return DisputeFile.objects.create(
        dispute=dispute, kind="signed_agreement", pages=1, added_by=county.mediator, **given
    )


def test_a_file_whose_signed_agreement_is_kept_nowhere_stays_whole(county):
    # given a file with an agreement of which there is no scan, or only one of an older agreement, or one taken away
    rule(county)
    dispute = agreed(county)
    before = whole(dispute)
    drafted = dispute.agreements.get().drafted_at
    scanned(county, dispute, added_at=drafted - timedelta(days=1))
    gone = {"removed_at": NOW, "removed_by": county.mediator}
    scanned(county, dispute, added_at=drafted + timedelta(days=1), **gone)
    assert disputes_forget() == 0 and whole(dispute) == before
    # when its scan is kept, then it is emptied
    scanned(county, dispute, added_at=drafted + timedelta(days=1))
    assert disputes_forget() == 1 and whole(dispute)[0] == [("", ""), ("", "")]


def test_papers_say_that_numbers_were_taken_out_and_when(county):
    # given a file with a party whose phone nobody knew
    rule(county)
    dispute = agreed(county)
    scanned(county, dispute)
    known, unknown = dispute.parties.order_by("pk")
    Party.objects.filter(pk=unknown.pk).update(phone_sealed=None, phone_digest="")
    assert disputes_forget() == 1
    # when its papers are taken, then each number there was is told as taken out
    dispute = Dispute.objects.with_rows().get(pk=dispute.pk)
    told = f"已按保存期限清除（{NOW.year}年{NOW.month}月{NOW.day}日）"
    first, second = words_of(dispute)["parties"]
    assert (first["identity"], first["phone"], second["identity"], second["phone"]) == (told, told, told, "")
    assert told in text_of(paper_take(dispute, "acceptance", actor=county.mediator)[1])
    # and what was learnt anew stands there
    known.phone = "13900003009"
    known.save()
    assert words_of(Dispute.objects.get(pk=dispute.pk))["parties"][0]["phone"] == "13900003009"


def test_no_rule_takes_out_earlier_than_a_claim_may_be_brought(county):
    for years, fits in ((2, False), (3, True)):
        row = MediationRule(area=county.area("street"), valid_from=date(2026, 1, 1), contact_years=years)
        if fits:
            row.full_clean()
        else:
            with pytest.raises(ValidationError):
                row.full_clean()


def test_one_file_that_fails_leaves_the_others_alone(county, monkeypatch, caplog):
    # given three files whose years are over, of which the first cannot be told of
    rule(county)
    bad, *others = (a_file(county) for _number in range(3))
    before, real = whole(bad), retention.tell

    def tell(name, held, **given):
        if held.pk == bad.pk:
            raise RuntimeError("broken")
        return real(name, held, **given)

    monkeypatch.setattr(retention, "tell", tell)
    # when the job runs, then the others are emptied, nothing of the first is, and the log says which
    assert disputes_forget() == 2
    assert {row.pk for row in Dispute.objects.exclude(emptied_at=None)} == {row.pk for row in others}
    assert whole(bad) == before and f"dispute {bad.pk} was not emptied" in caplog.text
    # and the next night it is tried again
    monkeypatch.undo()
    assert disputes_forget() == 1 and whole(bad)[0] == [("", ""), ("", "")]


def test_rules_are_read_once_and_are_those_of_each_place(county):
    # given rules of several places and days
    for area, day, years in (("city", 1, 9), ("street", 1, 8), ("street", 2, 7), ("street", 28, 6),
                             ("other_community", 3, 5)):  # fmt: skip
        rule(county, area, valid_from=date(2026, 2, day), contact_years=years)
    areas = list(Area.objects.defer("boundary"))
    for day in (date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 27), date(2026, 3, 1)):
        with CaptureQueriesContext(connection) as told:
            one = rules_on(day)
            found = {area.pk: one(area).contact_years for area in areas}
        assert len(told) == 1
        assert found == {area.pk: rule_for(area, day).contact_years for area in areas}
