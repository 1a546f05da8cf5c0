"""What is filled in to report a signal as a hazard, or to put its type or its area right."""

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.errors import Refused
from governance.models import Area, AreaKind
from governance.scoping import grants_of
from mediation.models import DisputeType, Signal
from mediation.prevention.forms import types_in_use, words
from mediation.prevention.querysets import KEEPS, READS_SIGNALS
from mediation.prevention.reporting import LONGEST


def small_areas_in(area: Area, user):
    """The communities and grids in an area where a person keeps hazards."""
    paths = tuple(grant.area_path for grant in grants_of(user) if grant.role in KEEPS)
    rows = Area.objects.filter(path__startswith=area.path, kind__in=(AreaKind.COMMUNITY, AreaKind.GRID), is_active=True)
    found = [row.pk for row in rows.only("path") if row.path.startswith(paths)] if paths else []
    return Area.objects.filter(pk__in=found).defer("boundary").order_by("path")


class Blamed(forms.Form):
    """Base: a refusal stands beside the field it names."""

    def blame(self, refusal: Refused) -> None:
        """Put a refusal beside its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal.detail))


class SignalReportForm(Blamed):
    """Where it is, and what is told of it."""

    area = forms.ModelChoiceField(Area.objects.none(), label=_("Community or grid"), to_field_name="code")
    words = forms.CharField(label=_("What the hazard is"), max_length=LONGEST, widget=words(6))

    def __init__(self, data=None, *, signal: Signal, user):
        super().__init__(data, initial={"words": signal.text[:LONGEST], "area": signal.area.code})
        self.fields["area"].queryset = small_areas_in(signal.area, user)


class SignalTypeForm(Blamed):
    """The type, or none."""

    type = forms.ModelChoiceField(
        DisputeType.objects.none(), label=_("Dispute type"), to_field_name="code", required=False,
        empty_label=_("No dispute"),
    )  # fmt: skip

    def __init__(self, data=None, *, signal: Signal):
        super().__init__(data, initial={"type": signal.type and signal.type.code})
        self.fields["type"].queryset = types_in_use(signal.type)


class SignalAreaForm(Blamed):
    """The area it lies in, by its code or name: any area of those in which the person reads signals."""

    area = forms.ModelChoiceField(Area.objects.none(), label=_("Community, grid or township"), to_field_name="code")

    def __init__(self, data=None, *, signal: Signal, user):
        super().__init__(data, initial={"area": signal.area.code})
        rows = Area.objects.filter(kind__in=(AreaKind.STREET, AreaKind.COMMUNITY, AreaKind.GRID), is_active=True)
        paths = tuple(grant.area_path for grant in grants_of(user) if grant.role in READS_SIGNALS)
        mine = [row.pk for row in rows.only("path") if row.path.startswith(paths)] if paths else []
        self.fields["area"].queryset = Area.objects.filter(pk__in=mine).defer("boundary").order_by("path")


class SignalsWithdrawForm(Blamed):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=LONGEST, widget=words(3))
