"""Admin of hours and certificates, settlement rates and sheets, monthly closings and the reports."""

from datetime import timedelta

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_safe
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.base import KernelAdmin, ReadOnlyAdmin
from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.models import Area
from governance.scoping import grants_of, visible_q
from governance.templatetags.jiceng import badge
from partners.admin.earning_base import EarningAdmin
from partners.earning.entry_forms import CertificateForForm, ReportDaysForm, SheetForm
from partners.earning.hours import certificate_issue, clock_text
from partners.earning.looks import CERTIFICATE_TONES, RECORD_TONES, SHEET_TONES
from partners.earning.monthly import kind_report, liability_report, movement_report
from partners.earning.pages.carrying import KINDS, paper_response
from partners.earning.pages.residents import verify_url
from partners.earning.papers import category_paper, certificate_paper, liability_paper, sheet_paper
from partners.earning.querysets import LOOKS, RUNS
from partners.earning.settling import sheet_propose
from partners.models import (
    HoursCertificate,
    MonthlyClosing,
    ServiceRecord,
    SettlementRate,
    SettlementSheet,
    VolunteerHours,
)


@admin.register(VolunteerHours)
class VolunteerHoursAdmin(ReadOnlyAdmin):
    """The book of volunteered hours: lines come from approved records and are only ever reversed."""

    list_display = ["id", "person", "day", "spent", "record", "area", "reverses", "counted_at"]
    list_filter = [AreaFilter]
    list_filter_submit = True
    search_fields = ["person__name"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows().select_related("reverses__person")

    @display(description=gettext_lazy("time"), ordering="minutes")
    def spent(self, obj):
        return ("−" if obj.minutes < 0 else "") + clock_text(abs(obj.minutes))


@admin.register(HoursCertificate)
class HoursCertificateAdmin(EarningAdmin):
    """Certificates as they were issued; one that does not hold any more is revoked."""

    tones, adds = CERTIFICATE_TONES, True
    list_display = ["number", "holder", "first", "last", "spent", "issued_at", "state_badge"]
    list_display_links = ["number"]
    list_filter = ["state", AreaFilter]
    search_fields = ["number", "holder"]
    ordering = ["-id"]

    def get_urls(self):
        view = self.admin_site.admin_view(self.word_view)
        return [path("<int:object_id>/paper.docx", view, name="partners_hourscertificate_word"), *super().get_urls()]

    @display(description=gettext_lazy("time"), ordering="minutes")
    def spent(self, obj):
        return clock_text(obj.minutes)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), CERTIFICATE_TONES[obj.state])

    def facts(self, obj):
        return list(certificate_paper(obj).facts)

    def files(self, obj):
        return [(_("Certificate (Word)"), reverse("admin:partners_hourscertificate_word", args=[obj.pk]))]

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Issue a certificate to somebody who asks at the counter; free of charge, from the book."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = CertificateForForm(request.POST if request.method == "POST" else None, user=request.user)

        def carry_out(given):
            return self.page_url(certificate_issue(actor=request.user, **given))

        lead = _("Issued free of charge from the book of volunteered hours.")
        return self.form_page(request, form, title=_("Issue the certificate"), button=_("Issue the certificate"),
                              carry_out=carry_out, back=self.list_url(), lead=lead)  # fmt: skip

    def word_view(self, request, object_id):
        """The certificate as Word, with a code to verify it."""
        paper = self.find(request, object_id)
        return paper_response(certificate_paper(paper), "docx", verify_url(request, paper.code))


@admin.register(SettlementRate)
class SettlementRateAdmin(KernelAdmin):
    """What a community pays a merchant for a point, from a day on."""

    list_display = ["area", "yuan", "valid_from"]
    fields = ["area", "yuan", "valid_from"]
    autocomplete_fields = ["area"]
    list_filter = [AreaFilter]
    list_filter_submit = True

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()


@admin.register(SettlementSheet)
class SettlementSheetAdmin(EarningAdmin):
    """Sheets merchants are settled with: proposed, confirmed by the merchant, settled by another person."""

    tones, adds = SHEET_TONES, True
    list_display = ["number", "shop", "first", "last", "points", "amount", "state_badge"]
    list_display_links = ["number"]
    list_filter = ["state", AreaFilter]
    search_fields = ["number", "merchant__unit__name"]
    ordering = ["-id"]

    def get_urls(self):
        view = self.admin_site.admin_view(self.file_view)
        return [path("<int:object_id>/sheet.<str:kind>", view, name="partners_settlementsheet_file"),
                *super().get_urls()]  # fmt: skip

    @display(description=gettext_lazy("Merchant"), ordering="merchant__unit__name")
    def shop(self, obj):
        return obj.merchant.unit

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), SHEET_TONES[obj.state])

    def page_context(self, request, obj):
        paper = sheet_paper(obj)
        return super().page_context(request, obj) | {
            "facts": [*paper.facts, (_("proposed by"), obj.proposed_by)], "tables": paper.tables,
        }  # fmt: skip

    def files(self, obj):
        name = "admin:partners_settlementsheet_file"
        return [("Word", reverse(name, args=[obj.pk, "docx"])), ("Excel", reverse(name, args=[obj.pk, "xlsx"]))]

    def file_view(self, request, object_id, kind):
        """The sheet as Word or Excel."""
        sheet = self.find(request, object_id)
        if kind not in KINDS:
            raise Http404
        return paper_response(sheet_paper(sheet), kind)

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Propose to settle what a merchant received in days that are over."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = SheetForm(request.POST if request.method == "POST" else None, user=request.user)

        def carry_out(given):
            made = sheet_propose(actor=request.user, **given)
            messages.success(request, _("Proposed: %(sheet)s.") % {"sheet": made})
            return self.page_url(made)

        lead = _("The merchant confirms the figures; another person then records the payment.")
        return self.form_page(request, form, title=_("Propose a settlement sheet"), button=_("Propose"),
                              carry_out=carry_out, back=self.list_url(), lead=lead)  # fmt: skip


@admin.register(MonthlyClosing)
class MonthlyClosingAdmin(ReadOnlyAdmin):
    """What communities' books stood at when months were over, and the reports of points."""

    list_display = ["area", "until", "outstanding", "owed", "issued", "redeemed", "expired"]
    list_filter = [AreaFilter]
    list_filter_submit = True
    ordering = ["-until", "area"]
    list_before_template = "partners/earning/admin/report_link.html"

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_urls(self):
        view = self.admin_site.admin_view(self.reports_view)
        return [path("reports/", view, name="partners_points_reports"),
                path("reports/<str:name>.<str:kind>", view, name="partners_points_report"),
                *super().get_urls()]  # fmt: skip

    @method_decorator(require_safe)
    def reports_view(self, request, name="", kind=""):
        """Liability now and points by category of some days, of the person's areas; also as Word and Excel."""
        areas = _areas_of(request.user)
        if not areas or (name and (kind not in KINDS or name not in ("liability", "categories"))):
            raise Http404
        form = ReportDaysForm(request.GET if "first" in request.GET else None, initial=_last_month())
        days = form.cleaned_data if form.is_bound and form.is_valid() else _last_month()
        papers = _papers(areas, days)
        if name:
            return paper_response(papers[name], kind)
        context = {
            **self.admin_site.each_context(request), "title": _("Reports of points"), "opts": self.opts, "form": form,
            "papers": papers, "query": f"first={days['first']:%Y-%m-%d}&last={days['last']:%Y-%m-%d}",
        }  # fmt: skip
        return TemplateResponse(request, "partners/earning/admin/reports.html", context)


def _last_month() -> dict:
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    return {"first": last.replace(day=1), "last": timezone.localdate()}


def _areas_of(user) -> list[Area]:
    """Return the areas in whose points a person looks, none of them under another one."""
    grants = [grant for grant in grants_of(user) if grant.role in LOOKS]
    wanted = Q(pk__in=[grant.area_id for grant in grants if grant.area_id])
    if any(grant.area_id is None for grant in grants):  # everywhere
        wanted |= Q(parent__isnull=True)
    rows = list(Area.objects.filter(wanted).defer("boundary").order_by("path"))
    return [one for one in rows if not any(other.pk != one.pk and other.contains(one) for other in rows)]


def _papers(areas: list[Area], days: dict) -> dict:
    now = timezone.now()
    first, last = days["first"], days["last"]
    owed = [row for area in areas for row in liability_report(area, now)]
    kinds = [row for area in areas for row in kind_report(area, first, last)]
    moved = [row for area in areas for row in movement_report(area, first, last)]
    return {"liability": liability_paper(owed, now), "categories": category_paper(kinds, moved, first, last)}


def _waiting_row(row: ServiceRecord) -> WorkRow:
    return WorkRow(
        reverse("admin:partners_servicerecord_change", args=[row.pk]), str(row), text=row.note, place=row.place,
        badge=row.get_state_display(), tone=RECORD_TONES[row.state], note=f"{row.performed_at:%m-%d}",
    )  # fmt: skip


@provides_work
def records_waiting(user) -> list[WorkList]:
    """Services that wait for an approval of who runs the points here."""
    found = visible_q(RUNS, user)
    if found is None:
        return []
    rows = ServiceRecord.objects.waiting().filter(found).with_rows().order_by("reported_at", "pk")
    url = f"{reverse('admin:partners_servicerecord_changelist')}?state__exact=submitted"
    made = work_list("points-records", _("Services to approve"), rows, _waiting_row, url, order=45)
    return [made] if made.count else []
