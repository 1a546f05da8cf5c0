"""Admin of sittings and of notes. Notes of a caucus show to their writer alone, and in no export."""

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from governance.admin.base import ReadOnlyAdmin
from mediation.admin.dispute_filter import DisputeFilter
from mediation.admin.joint_base import JointAdmin, MakesRows, read_recorded
from mediation.admin.taken import TakenRows
from mediation.joint.making_forms import NoteForm, SittingForm
from mediation.joint.notes import note_write
from mediation.joint.sittings import sitting_plan
from mediation.models import MediationNote, Sitting


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
    """Notes; written once, corrected by another one. The list shows no text."""

    making_form = NoteForm
    making_title = _("Write a note")
    making_lead = _("The record goes into the file. A caucus note is read by you alone and leaves the product nowhere.")
    making_button = _("Keep the note")
    list_display = ["dispute_told", "kind", "written_by", "written_at"]
    list_display_links = ["dispute_told"]
    list_filter = ["kind", DisputeFilter]
    list_filter_submit = True
    fields = ["dispute_told", "kind", "sitting", "party", "text", "writer", "written_at"]
    readonly_fields = ["dispute_told", "writer"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=_("written by"))
    def writer(self, obj):
        """The name alone: the account's page is the administrators'."""
        return str(obj.written_by)

    def make(self, request, form):
        given = form.values()
        return note_write(given.pop("dispute"), actor=request.user, **given)

    def page_url(self, obj) -> str:
        return reverse("admin:mediation_mediationnote_change", args=[obj.pk])

    def change_view(self, request, object_id, form_url="", extra_context=None):
        found = self.get_queryset(request).filter(pk=object_id).first() if str(object_id).isdecimal() else None
        if found is not None:
            read_recorded(request, found)
        return super().change_view(request, object_id, form_url, extra_context)

    def _exported(self, request, shown, kind):
        shown.queryset = shown.queryset.of_record()
        return super()._exported(request, shown, kind)

    @display(description=_("dispute"), ordering="dispute")
    def dispute_told(self, obj):
        return obj.dispute.number
