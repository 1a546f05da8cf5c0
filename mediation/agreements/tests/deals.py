"""Agreements for tests: a draft of a dispute in mediation, signed, sealed."""

from datetime import date
from decimal import Decimal

from governance.workflow import act
from mediation.agreements.drafting import Owed, Terms, agreement_draft
from mediation.models import Agreement, AgreementForm, Dispute, Obligation
from mediation.tests.county import County

CLAUSES = ["马国梁于六月二十日前修好卫生间漏水。", "马国梁赔偿何秀英三千元，六月三十日前付清。"]


def parties(dispute: Dispute) -> list:
    """Applicant first."""
    return list(dispute.parties.order_by("id"))


def terms(dispute: Dispute, **given) -> Terms:
    """The applicant is owed a repair and 3000 yuan."""
    applicant, respondent = parties(dispute)[:2]
    usual = {
        "subject": "楼上卫生间漏水，楼下天花板起泡脱落。", "clauses": CLAUSES, "performance": "现金当面支付。",
        "obligations": [
            Owed(respondent, "修好卫生间漏水", date(2026, 6, 20), applicant),
            Owed(respondent, "赔偿装修损失", date(2026, 6, 30), applicant, Decimal("3000.00")),
        ],
    }  # fmt: skip
    return Terms(**(usual | given))


def drafted(county: County, dispute: Dispute | None = None, form: str = AgreementForm.WRITTEN, **given) -> Agreement:
    """A draft of a dispute in mediation."""
    found = dispute or county.mediating()
    return agreement_draft(found, actor=county.handler(found), terms=terms(found, **given), form=form)


def signed_by_parties(county: County, agreement: Agreement) -> Agreement:
    """All parties have signed by hand."""
    for party in parties(agreement.dispute):
        agreement = act(agreement, "sign_party", actor=county.handler(agreement.dispute), party=party)
    return agreement


def signed(county: County, agreement: Agreement) -> Agreement:
    """The mediator has signed too."""
    fresh = signed_by_parties(county, agreement)
    return act(fresh, "sign_mediator", actor=county.handler(fresh.dispute))


def effective(county: County, dispute: Dispute | None = None, **given) -> Agreement:
    """A written agreement in effect."""
    fresh = signed(county, drafted(county, dispute, **given))
    return act(fresh, "seal", actor=county.handler(fresh.dispute))


def replaced(county: County) -> Agreement:
    """An agreement in whose place a newer one of its dispute is in effect."""
    older = effective(county)
    effective(county, county.step(county.step(Dispute.objects.get(pk=older.dispute_id), "reopen"), "begin"))
    return Agreement.objects.with_rows().get(pk=older.pk)


def owed_money(agreement: Agreement) -> Obligation:
    """The obligation of 3000 yuan."""
    return Obligation.objects.with_rows().get(agreement=agreement, amount__isnull=False)


def in_state(county: County, state: str) -> Agreement:
    """An agreement brought into a state."""
    ways = {
        "draft": lambda: drafted(county),
        "signed_by_parties": lambda: signed_by_parties(county, drafted(county)),
        "signed_by_mediator": lambda: signed(county, drafted(county)),
        "effective": lambda: effective(county),
        "replaced": lambda: replaced(county),
        "discarded": lambda: act(drafted(county), "discard", actor=county.mediator, reason="文字有误"),
    }
    return ways[state]()
