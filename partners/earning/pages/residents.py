"""``/r/points/`` and ``/r/hours/``: my points and why, the services I report, my hours and their certificates."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.access import residents_page, seconds_to_wait, too_many
from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import of_residents
from governance.scoping import visible_q
from partners.earning.deciding import earnings_of, month_of
from partners.earning.entry_forms import CertificateForm, RecordForm, own_partners
from partners.earning.hours import certificate_issue, clock_text, minutes_by_area
from partners.earning.looks import RECORD_TONES
from partners.earning.monthly import month_named, month_statement, months_back
from partners.earning.pages.carrying import KINDS, paged, paper_response, posted
from partners.earning.papers import certificate_paper, month_paper, receipt_paper
from partners.earning.querysets import ACTS
from partners.earning.records import record_submit
from partners.earning.tariffs import steps_told
from partners.earning.verify import verified
from partners.ledger.accounts import balance_of
from partners.ledger.reasons import lines_told
from partners.ledger.statement import statement_lines
from partners.models import Account, AccountKind, Donation, HoursCertificate, Part, ServiceRecord, VolunteerHours

MONTHS_SHOWN = 6


@resident_links
def earning_links(user) -> list[ResidentLink]:
    """The ways to the own points, services and hours, for whoever has any."""
    links = []
    if own_accounts(user).exists():
        links.append(ResidentLink(gettext("My points"), reverse("residents_points:home")))
    if own_partners(user).exists() or _own(ServiceRecord, user).exists():
        links.append(ResidentLink(gettext("Services I report"), reverse("residents_points:records")))
    if VolunteerHours.objects.filter(person=user).exists():
        links.append(ResidentLink(gettext("My hours of volunteering"), reverse("residents_points:hours")))
    return links


def own_accounts(user):
    """Return the members' accounts a person has or acts for; staff see others' in the administration."""
    rows = Account.objects.own_of(user).filter(kind=AccountKind.MEMBER)
    return rows.with_rows().order_by("-user_id", "pk")


def _own(model, user):
    """Return the records or donations of the partners a person is or acts for, also of those not active any more."""
    found = visible_q(ACTS, user)
    return model.objects.none() if found is None else model.objects.filter(found).with_rows()


@of_residents
@require_safe
def home(request):
    """What is there, what ends soon, and every movement with its reason."""
    accounts = list(own_accounts(request.user))
    account = _chosen(request, accounts)
    context = {"accounts": accounts, "account": account}
    if account is not None:
        # What is set aside left what can be spent already; that it lies on the account's other side is for bookkeepers.
        lines, older = paged(request, statement_lines(account).exclude(part=Part.HELD))
        told = lines_told(lines)
        context |= {
            "balance": balance_of(account), "older": older,
            "lines": [(line, told[line.pk]) for line in lines],
            "months": months_back(timezone.localdate(), MONTHS_SHOWN),
        }  # fmt: skip
    return render(request, "partners/earning/residents/points.html", context)


def _chosen(request, accounts: list[Account]) -> Account | None:
    asked = request.GET.get("account", "")
    if not asked:
        return accounts[0] if accounts else None
    found = next((one for one in accounts if str(one.pk) == asked), None)
    if found is None:
        raise Http404
    return found


@of_residents
@require_safe
def month(request, pk, month, kind):
    """The statement of a month as Word or Excel."""
    found, day = own_accounts(request.user).filter(pk=pk).first(), month_named(month)
    if found is None or day is None or kind not in KINDS:
        raise Http404
    return paper_response(month_paper(month_statement(found, *month_of(day))), kind)


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def records(request):
    """The services reported by a partner and how they were decided; while it is active, the form to report another."""
    partners, status = own_partners(request.user), HTTPStatus.OK
    rows, gifts = _own(ServiceRecord, request.user), _own(Donation, request.user)
    first = partners.first()
    if first is None and (request.method == "POST" or not (rows.exists() or gifts.exists())):
        raise Http404
    form = None if first is None else RecordForm(partners=partners, initial={"partner": first})
    if request.method == "POST":
        form = RecordForm(request.POST, request.FILES, partners=partners)
        made, status = posted(form, lambda **given: record_submit(actor=request.user, **given))
        if made is not None:
            return redirect("residents_points:records")
    found, older = paged(request, rows)
    earned = earnings_of(found)
    lines = [
        (row, RECORD_TONES[row.state], earned.get(row.pk), steps_told(earned[row.pk].steps) if row.pk in earned else "")
        for row in found
    ]
    context = {"form": form, "lines": lines, "older": older, "gifts": gifts.order_by("-pk")[:MONTHS_SHOWN]}
    return render(request, "partners/earning/residents/records.html", context, status=status)


@of_residents
@require_safe
def receipt(request, pk):
    """The receipt of an own donation, as Word."""
    gift = _own(Donation, request.user).filter(pk=pk).first()
    if gift is None:
        raise Http404
    return paper_response(receipt_paper(gift, earnings_of([gift]).get(gift.pk)), "docx", verify_url(request, gift.code))


def verify_url(request, code: str) -> str:
    """Return the address of the public page about a paper."""
    return request.build_absolute_uri(reverse("residents_points:verify", args=[code]))


@of_residents
@require_safe
def hours(request):
    """The own book of hours, and the certificates of it."""
    first = VolunteerHours.objects.filter(person=request.user).values_list("area__code", flat=True).first()
    return hours_page(request, CertificateForm(person=request.user, initial=_this_year() | {"area": first}))


def _this_year() -> dict:
    today = timezone.localdate()
    return {"first": today.replace(month=1, day=1), "last": today}


def hours_page(request, form: CertificateForm, status: int = HTTPStatus.OK):
    """Answer with the page of the own hours."""
    lines, older = paged(request, VolunteerHours.objects.filter(person=request.user).with_rows())
    papers = HoursCertificate.objects.filter(person=request.user).with_rows().order_by("-pk")[:MONTHS_SHOWN]
    totals = [row | {"text": clock_text(row["minutes"])} for row in minutes_by_area(request.user)]
    context = {
        "form": form, "older": older, "totals": totals, "lines": [(row, clock_text(abs(row.minutes))) for row in lines],
        "papers": [(row, clock_text(row.minutes)) for row in papers],
    }  # fmt: skip
    return render(request, "partners/earning/residents/hours.html", context, status=status)


@of_residents
@require_POST
def certify(request):
    """Ask for a certificate: it is issued from the book at once, free of charge."""
    form = CertificateForm(request.POST, person=request.user)
    made, status = posted(
        form, lambda **given: certificate_issue(actor=request.user, person=request.user, **given)
    )  # fmt: skip
    return hours_page(request, form, status) if made is None else redirect("residents_points:hours")


@of_residents
@require_safe
def certificate(request, pk):
    """An own certificate as Word, with the code by which others verify it."""
    paper = HoursCertificate.objects.filter(person=request.user, pk=pk).first()
    if paper is None:
        raise Http404
    return paper_response(certificate_paper(paper), "docx", verify_url(request, paper.code))


@residents_page
@require_safe
def verify(request, code):
    """What whoever holds a paper learns of it; a made-up code is told so."""
    if seconds := seconds_to_wait(request, "public-read"):
        return too_many(request, seconds)
    found = verified(code)
    status = HTTPStatus.OK if found else HTTPStatus.NOT_FOUND
    return render(request, "partners/earning/residents/verify.html", {"told": found}, status=status)
