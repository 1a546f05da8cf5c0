"""Admin of party organisations, their members and cross-appointments."""

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from governance.admin.base import KernelAdmin, PartsInline
from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.attachments import attachments_of
from governance.forms import PhotosField
from governance.registry.entries import AccountField
from governance.scoping import roles_of
from governance.templatetags.jiceng import badge
from property.admin.party_tree import TreePage
from property.models import CrossAppointment, HouseholdCare, PartyMembership, PartyOrganisation
from property.party.gaps import posts_running_out, runs_out
from property.party.permissions import KEEPERS
from property.party.services import cross_appointment_save


class InForceFilter(admin.SimpleListFilter):
    """Terms that hold today, that end soon, or that are over."""

    title = _("in force")
    parameter_name = "in_force"

    def lookups(self, request, model_admin):
        return [("yes", _("Today")), ("soon", _("Ends within 90 days")), ("no", _("Not today"))]

    def queryset(self, request, queryset):
        today = self.value() and queryset.model.objects.in_force().values("pk")
        if self.value() == "soon":
            return queryset.filter(pk__in=queryset.model.objects.running_out(90).values("pk"))
        if self.value() == "yes":
            return queryset.filter(pk__in=today)
        return queryset.exclude(pk__in=today) if self.value() == "no" else queryset


class PersonForm(forms.ModelForm):
    """A form whose person is named by phone or user name: the list of all people is not this person's to see."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if "person" in self.fields:
            self.fields["person"] = AccountField(
                label=_("Phone or user name of the person"), max_length=60, widget=UnfoldAdminTextInputWidget
            )


class CareInline(PartsInline):
    """The dwellings a centre household looks after."""

    model = HouseholdCare
    fields = ["dwelling"]
    autocomplete_fields = ["dwelling"]


@admin.register(PartyOrganisation)
class PartyOrganisationAdmin(TreePage, KernelAdmin):
    """Committees, branches, groups and centre households of the areas the person works in."""

    list_display = ["name", "code", "level_badge", "parent", "place_column", "secretary", "members", "is_active"]
    list_filter = ["level", "is_active"]
    list_filter_submit = True
    search_fields = ["name", "code", "estate__name", "building__estate__name", "dwelling__code"]
    search_help_text = _("Name, code or estate")
    autocomplete_fields = ["parent", "area", "estate", "building", "dwelling"]
    fields = ["code", "name", "level", "parent", "area", "estate", "building", "dwelling", "is_active"]
    TONES = {"committee": "red", "branch": "amber", "group": "blue", "household": "green"}

    def get_queryset(self, request):
        rows = super().get_queryset(request).with_place()
        return rows.with_figures() if request.resolver_match.url_name.endswith("list") else rows

    def get_inlines(self, request, obj):
        return [CareInline] if obj is not None and obj.level == "household" else []

    def get_readonly_fields(self, request, obj=None):
        return ["code", "level"] if obj else []

    @display(description=_("level"), ordering="level")
    def level_badge(self, obj):
        return badge(obj.get_level_display(), self.TONES[obj.level])

    @display(description=_("serves"))
    def place_column(self, obj):
        return str(obj.place)

    @display(description=_("Secretary"))
    def secretary(self, obj):
        return "、".join(str(row.person) for row in obj.secretaries) or "—"

    @display(description=_("members"), ordering="members_count")
    def members(self, obj):
        return obj.members_count


@admin.register(PartyMembership)
class PartyMembershipAdmin(KernelAdmin):
    """Who belongs to which organisation, in which post, from when to when. A term is ended by its last day."""

    form = PersonForm
    list_display = ["person", "organisation", "post", "is_full", "valid_from", "valid_to", "holds_today"]
    list_filter = ["post", "is_full", InForceFilter]
    list_filter_submit = True
    search_fields = ["person__name", "person__username", "organisation__name", "organisation__code"]
    autocomplete_fields = ["organisation"]
    fields = ["organisation", "person", "post", "is_full", "valid_from", "valid_to"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_readonly_fields(self, request, obj=None):
        return ["organisation", "person", "post", "valid_from"] if obj else []

    @display(description=_("in force"))
    def holds_today(self, obj):
        return in_force_badge(obj)


def in_force_badge(row) -> str:
    """Say whether a term holds today, and whether it ends soon."""
    today = timezone.localdate()
    if row.valid_from > today or (row.valid_to is not None and row.valid_to < today):
        return badge(_("Not today"), "grey")
    return badge(_("Ends soon"), "amber") if runs_out(row) else badge(_("In force"), "green")


class CrossAppointmentForm(PersonForm):
    """A cross-appointment with the document that decided it."""

    documents = PhotosField(label=_("Document (photo or PDF)"))


@admin.register(CrossAppointment)
class CrossAppointmentAdmin(KernelAdmin):
    """Who sits in the other body: by which procedure and document, for which term. It can only be ended earlier."""

    form = CrossAppointmentForm
    list_display = ["person", "direction", "seat", "unit", "organisation", "procedure", "valid_from", "valid_to",
                    "holds_today"]  # fmt: skip
    list_filter = ["direction", "procedure", InForceFilter]
    list_filter_submit = True
    search_fields = ["person__name", "seat", "unit__name", "organisation__name", "document_number"]
    autocomplete_fields = ["organisation", "unit"]
    FIELDS = ["direction", "organisation", "unit", "person", "seat", "held_post", "procedure", "decided_on",
              "document_number", "valid_from", "valid_to"]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_fields(self, request, obj=None):
        return [*self.FIELDS, "stored_documents", "documents"] if obj else [*self.FIELDS, "documents"]

    def get_readonly_fields(self, request, obj=None):
        return [*(name for name in self.FIELDS if name != "valid_to"), "stored_documents"] if obj else []

    def save_model(self, request, obj, form, change):
        changed = [name for name in form.changed_data if name != "documents"]
        cross_appointment_save(obj, actor=request.user, changed=changed, documents=form.cleaned_data["documents"])

    @display(description=_("documents"))
    def stored_documents(self, obj):
        files = [(f"/files/{row.pk}/", number) for number, row in enumerate(attachments_of(obj), 1)]
        return format_html_join(" ", '<a class="jc-link" href="{}">{}</a>', files)

    @display(description=_("in force"))
    def holds_today(self, obj):
        return in_force_badge(obj)


def _term_row(row: PartyMembership) -> WorkRow:
    return WorkRow(
        TreePage.address(), f"{row.person} · {row.get_post_display()}", text=str(row.organisation),
        badge=f"{row.valid_to:%Y-%m-%d}", tone="amber",
    )  # fmt: skip


@provides_work
def terms_that_run_out(user) -> list[WorkList]:
    """Posts whose term ends soon, for who prepares the election."""
    if not roles_of(user) & KEEPERS:
        return []
    rows, lead = posts_running_out(user), _("Prepare the election before the term ends.")
    return [work_list("party-terms", _("Terms that end within 90 days"), rows, _term_row, TreePage.address(),
                      lead=lead, order=60)]  # fmt: skip
