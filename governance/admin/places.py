"""Admin of estates, buildings and dwellings."""

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from governance.admin.base import KernelAdmin, PartsInline
from governance.configuration import configuration_rows_save
from governance.coordinates import CoordinateError, to_wgs84
from governance.models import Building, Dwelling, Entrance, Estate
from governance.registry.places import building_save, dwelling_save, estate_save

SYSTEMS = [
    ("wgs84", _("WGS-84 / CGCS2000 (this map)")),
    ("gcj02", _("GCJ-02 (Amap, Tencent)")),
    ("bd09", _("BD-09 (Baidu)")),
]
FIELD_OF = {"lon": "longitude", "lat": "latitude", "system": "system"}


class EstateForm(forms.ModelForm):
    """An estate; its coordinates may be given in the system of any Chinese map and are stored as WGS-84."""

    system = forms.ChoiceField(
        label=_("Coordinate system"), choices=SYSTEMS, initial="wgs84", required=False, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = Estate
        fields = ["code", "name", "area", "address", "longitude", "latitude", "is_active"]

    def clean(self):
        cleaned = super().clean()
        point = cleaned.get("longitude"), cleaned.get("latitude")
        if None not in point:
            try:
                cleaned["longitude"], cleaned["latitude"] = to_wgs84(*point, cleaned.get("system") or "wgs84")
            except CoordinateError as error:
                self.add_error(FIELD_OF[error.field], error.detail)
        return cleaned


class DwellingForm(forms.ModelForm):
    """A dwelling; its entrance by number, since a list of all entrances would be as long as the city."""

    entrance_number = forms.CharField(
        label=_("entrance number"), max_length=20, required=False, widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        model = Dwelling
        fields = ["building", "number", "floor", "floor_area", "use", "code", "is_active"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if self.instance.entrance_id:
            self.initial["entrance_number"] = self.instance.entrance.number
        if "code" in self.fields:
            self.fields["code"].required = False
            self.fields["code"].help_text = _("Made from the address when left empty.")

    def clean(self):
        cleaned = super().clean()
        number = cleaned.get("entrance_number")
        building = cleaned.get("building") or (self.instance.building if self.instance.pk else None)
        self.instance.entrance = Entrance.objects.filter(building=building, number=number).first() if number else None
        if number and building and self.instance.entrance is None:
            self.add_error("entrance_number", _("The building has no such entrance; add it on the building's page."))
        return cleaned

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"entrance"}


class BuildingsFormSet(BaseInlineFormSet):
    """A new building lies where its estate lies, which may be new itself or just being moved."""

    def save_new(self, form, commit=True):
        form.instance.area = self.instance.area
        return super().save_new(form, commit)


class BuildingsInline(PartsInline):
    """The buildings of an estate; a new one lies in the estate's area until it is given a grid on its own page."""

    model = Building
    formset = BuildingsFormSet
    fields = ["number", "name", "floors", "is_active"]
    show_change_link = True
    can_delete = False

    def has_delete_permission(self, request, obj=None):
        return False


class EntrancesInline(PartsInline):
    """The entrances of a building; one that has dwellings cannot be removed."""

    model = Entrance
    fields = ["number"]


@admin.register(Estate)
class EstateAdmin(KernelAdmin):
    """Estates (小区) of the areas a person works in."""

    form = EstateForm
    inlines = [BuildingsInline]
    list_display = ["name", "code", "area", "address", "is_active"]
    list_filter = ["is_active"]
    list_filter_submit = True
    list_select_related = ["area"]
    search_fields = ["name", "code", "address"]
    autocomplete_fields = ["area"]
    fields = ["code", "name", "area", "address", "longitude", "latitude", "system", "is_active"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("area__boundary")

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    def save_model(self, request, obj, form, change):
        estate_save(obj, actor=request.user, changed=[name for name in form.changed_data if name != "system"])

    def save_formset(self, request, form, formset, change):
        saved = formset.save(commit=False)
        for building in saved:
            if building.pk:  # the estate was saved before, and its buildings may have moved with it
                building.refresh_from_db(fields=["area"])
        configuration_rows_save(form.instance, actor=request.user, name="buildings", saved=saved, removed=())


@admin.register(Building)
class BuildingAdmin(KernelAdmin):
    """Buildings (楼栋) with their entrances."""

    inlines = [EntrancesInline]
    list_display = ["label", "estate", "number", "area", "floors", "is_active"]
    list_display_links = ["label"]
    list_filter = ["is_active"]
    list_filter_submit = True
    search_fields = ["number", "name", "estate__name", "estate__code"]
    autocomplete_fields = ["estate", "area"]
    fields = ["estate", "number", "name", "area", "floors", "is_active"]
    ordering = ["estate__code", "number"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("estate", "area").defer("area__boundary")

    def get_fields(self, request, obj=None):
        return [*self.fields, "dwellings_link"] if obj else self.fields

    def get_readonly_fields(self, request, obj=None):
        # Dwellings and people hang on the building: it may be renamed and moved, not given to another estate.
        return ["estate", "dwellings_link"] if obj else []

    def save_model(self, request, obj, form, change):
        building_save(obj, actor=request.user, changed=form.changed_data)

    @display(description=_("building"), ordering="number")
    def label(self, obj):
        return obj.label

    @display(description=_("dwellings"))
    def dwellings_link(self, obj):
        url = reverse("admin:governance_dwelling_changelist")
        return format_html(
            '<a class="jc-link" href="{}?building__id__exact={}">{} ({})</a>',
            url, obj.pk, _("All dwellings of this building"), obj.dwellings.count(),
        )  # fmt: skip


@admin.register(Dwelling)
class DwellingAdmin(KernelAdmin):
    """Dwellings (户): flats, shops, parking spaces."""

    form = DwellingForm
    list_display = ["address", "code", "floor", "floor_area", "use", "area", "is_active"]
    list_display_links = ["address"]
    list_filter = ["use", "is_active"]
    linked_by = ("building__id__exact",)
    list_filter_submit = True
    search_fields = ["code", "number", "building__number", "building__estate__name"]
    search_help_text = _("Code, number, building or estate")
    autocomplete_fields = ["building"]
    fields = ["building", "entrance_number", "number", "floor", "floor_area", "use", "code", "is_active"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_address().select_related("area").defer("area__boundary")

    def get_readonly_fields(self, request, obj=None):
        return ["building", "code"] if obj else []

    def save_model(self, request, obj, form, change):
        changed = ["entrance" if name == "entrance_number" else name for name in form.changed_data]
        dwelling_save(obj, actor=request.user, changed=changed)

    @display(description=_("dwelling"), ordering="code")
    def address(self, obj):
        return obj.address
