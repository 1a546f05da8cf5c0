"""Admin of sittings and of notes. Notes of a caucus show to their writer alone, and in no export."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods
from unfold.decorators import display

from governance.admin.base import ReadOnlyAdmin
from governance.repeats import made_once
from mediation.access_labels import what_told, who_told
from mediation.admin.dispute_filter import DisputeFilter
from mediation.admin.joint_base import JointAdmin, MakesRows, read_recorded
from mediation.admin.taken import TakenRows
from mediation.joint.making_forms import KeepBackForm, NoteForm, SittingForm
from mediation.joint.notes import may_keep_back, note_keep_back, note_write, takers_of
from mediation.joint.sittings import sitting_plan
from mediation.models import MediationNote, Sitting

KEEP_BACK = _("Make it a caucus note")
KEEP_BACK_LEAD = _(
    "From then on you alone read it, and no paper tells it. What was printed before is not called back: the page of "
    "the note then names who took it."
)


class WhenFilter(admin.SimpleListFilter):
    """Those to come."""

    title = _("time")
    parameter_name = "when"

    def lookups(self, request, model_admin):
        return [("coming", _("To come"))]

    def queryset(self, request, queryset):
        return queryset.to_come() if self.value() == "coming" else queryset


@admin.register(Sitting)
class SittingAdmin(TakenRows, JointAdmin):
    """Sittings of the disputes the person works on; planned here, with the room."""

    making_form = SittingForm
    making_title = _("Plan a sitting")
    making_lead = _("A room is booked at once; the booking tells nobody whose dispute it is.")
    making_button = _("Set the date")
    list_display = ["dispute_told", "type_told", "kind", "starts_at", "ends_at", "venue", "state_badge"]
    list_display_links = ["dispute_told"]
    list_filter = [WhenFilter, "state", "kind", DisputeFilter]
    ordering = ["-starts_at", "-id"]
    facts = ("kind", "starts_at", "ends_at", "venue", "place", "link", "together", "together_reason", "present",
             "planned_by", "held_at")  # fmt: skip

    def make(self, request, form):
        given = form.values()
        return sitting_plan(given.pop("dispute"), actor=request.user, **given)


@admin.register(MediationNote)
class NoteAdmin(TakenRows, MakesRows, ReadOnlyAdmin):
    """Notes; written once, corrected by another one. A record may be made a caucus note. The list shows no text."""

    making_form = NoteForm
    making_title = _("Write a note")
    making_lead = _("The record goes into the file: it is printed, and all parties sign it. A caucus note is read by "
                    "you alone and leaves the product nowhere.")  # fmt: skip
    making_button = _("Keep the note")
    list_display = ["dispute_told", "kind", "written_by", "written_at"]
    list_display_links = ["dispute_told"]
    list_filter = ["kind", DisputeFilter]
    list_filter_submit = True
    fields = ["dispute_told", "kind", "sitting", "party", "text", "writer", "written_at"]
    readonly_fields = ["dispute_told", "writer"]
    ordering = ["-id"]
    change_form_outer_before_template = "mediation/joint/note_kept_back.html"

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=_("written by"))
    def writer(self, obj):
        """The name alone: the account's page is the administrators'."""
        return str(obj.written_by)

    def make(self, request, form):
        given = form.values()
        dispute = given.pop("dispute")
        said = [dispute.pk, given["kind"], given["text"]]
        return made_once(form, user=request.user, what="note", said=said,
                         make=lambda: note_write(dispute, actor=request.user, **given))  # fmt: skip

    def page_url(self, obj) -> str:
        return reverse("admin:mediation_mediationnote_change", args=[obj.pk])

    def change_view(self, request, object_id, form_url="", extra_context=None):
        found = self.get_queryset(request).filter(pk=object_id).first() if str(object_id).isdecimal() else None
        more = {}
        if found is not None:
            read_recorded(request, found)
            keep_back = reverse("admin:mediation_mediationnote_keep_back", args=[found.pk])
            taken = [(row, who_told(row), what_told(row)) for row in takers_of(found)]
            more = {"taken": taken, "keep_back_url": keep_back if may_keep_back(found, request.user) else ""}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})

    def get_urls(self):
        view = self.admin_site.admin_view(self.keep_back_view)
        return [path("<int:object_id>/keep-back/", view, name="mediation_mediationnote_keep_back"), *super().get_urls()]

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def keep_back_view(self, request, object_id):
        """Make a record a caucus note: its writer alone, until the file is archived."""
        note = self.get_queryset(request).filter(pk=object_id).first()
        if note is None:
            raise Http404
        if not may_keep_back(note, request.user):
            raise PermissionDenied
        form = KeepBackForm(request.POST if request.method == "POST" else None)

        def carry_out(form):
            note_keep_back(note, actor=request.user, **form.cleaned_data)
            messages.success(request, _("It is a caucus note now: no paper and no list tells it any more."))
            return self.page_url(note)

        return self.form_page(request, form, title=KEEP_BACK, lead=KEEP_BACK_LEAD, button=KEEP_BACK,
                              carry_out=carry_out, back=self.page_url(note))  # fmt: skip

    def _exported(self, request, shown, kind):
        shown.queryset = shown.queryset.of_record()
        return super()._exported(request, shown, kind)

    @display(description=_("dispute"), ordering="dispute")
    def dispute_told(self, obj):
        return obj.dispute.number
