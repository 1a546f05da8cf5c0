"""What is filled in to report a hazard: on the phone within half a minute, or at the desk."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import PatrolPoint
from cases.pages.forms import PhotosOnlyField
from cases.pages.mobile.forms import OnceForm
from cases.patrols import points_to_see
from governance.errors import Refused
from governance.forms import WordsInput
from governance.models import Area, AreaKind
from governance.repeats import AskedOnceForm
from governance.scoping import grants_of
from mediation.models import DisputeType, HazardSource, HazardUrgency
from mediation.prevention.forms import types_in_use, words
from mediation.prevention.querysets import KEEPS, REPORTS
from mediation.prevention.reporting import LONGEST, SMALL, point_within

TOLD = (HazardSource.OTHER, HazardSource.HOTLINE, HazardSource.PETITION, HazardSource.OPINION, HazardSource.PHONE)
MOST_AREAS = 300


def areas_of(user, roles):
    """Communities and grids in which a person holds one of these roles; communities alone where those are many."""
    return areas_within(tuple({grant.area_path for grant in grants_of(user) if grant.role in roles}))


def areas_within(paths: tuple[str, ...]):
    """Communities and grids under these paths; communities alone where those are many."""
    small = Area.objects.filter(kind__in=SMALL, is_active=True)
    found = [area for area in small.only("path", "kind") if area.path.startswith(paths)] if paths else []
    if len(found) > MOST_AREAS:
        found = [area for area in found if area.kind == AreaKind.COMMUNITY]
    return Area.objects.filter(pk__in=[area.pk for area in found]).defer("boundary").order_by("path")


class HazardPhoneForm(AskedOnceForm, OnceForm):
    """Words or voice, a photo, the position; the rest is optional and folded away.

    ``address`` is the place in words, named as on the other phone pages. On a round (``patrol``) the area is asked for
    only where the round's own is larger than a community, and the point at which it was found may be named.
    """

    words = forms.CharField(
        label=_("What did you see or hear?"), max_length=LONGEST,
        widget=WordsInput(attrs={"rows": 3, "data-speech": "", "autofocus": True}),
        error_messages={"required": _("Please say what is wrong.")},
    )  # fmt: skip
    photos = PhotosOnlyField()
    address = forms.CharField(label=_("Place in words (optional)"), required=False, max_length=120)
    area = forms.ModelChoiceField(
        Area.objects.none(), label=_("Community or grid, without a position"), required=False, to_field_name="code"
    )
    point = forms.ModelChoiceField(
        PatrolPoint.objects.none(), label=_("Point of the round (optional)"), required=False,
        error_messages={"invalid_choice": _("There is no such point on this route.")},
    )  # fmt: skip
    urgent = forms.BooleanField(label=_("Pressing: somebody should go now"), required=False)
    violence = forms.BooleanField(label=_("Signs of violence"), required=False)
    parties = forms.CharField(label=_("Between whom (optional)"), required=False, max_length=200)
    people = forms.IntegerField(
        label=_("How many persons, about (optional)"), required=False, min_value=1, max_value=100_000
    )

    def __init__(self, data=None, files=None, *, user, patrol=None):
        super().__init__(data, files)
        self.patrol = patrol
        self.fields["photos"].widget.attrs["capture"] = "environment"
        if patrol is None:
            del self.fields["point"]
            self._offer(areas_of(user, REPORTS))
            return
        points = PatrolPoint.objects.filter(pk__in=[point.pk for point in points_to_see(patrol)])
        self.fields["point"].queryset = points.order_by("position")
        if patrol.area.kind in SMALL:
            del self.fields["area"]
        else:
            self._offer(areas_within((patrol.area.path,)))

    def _offer(self, areas) -> None:
        """Offer these areas; where there is one alone, or one community with its grids, it is chosen beforehand."""
        self.fields["area"].queryset = areas
        first = list(areas[:2])
        if len(first) == 1 or (first and first[0].kind == AreaKind.COMMUNITY and not self._several(areas)):
            self.fields["area"].initial = first[0].code

    @staticmethod
    def _several(areas) -> bool:
        return areas.filter(kind=AreaKind.COMMUNITY)[1:].exists()

    def clean(self):
        cleaned = super().clean()
        placed = cleaned.get("longitude") is not None or cleaned.get("area") or cleaned.get("point")
        placed = placed or "area" not in self.fields
        if not self.errors and not placed:
            self.add_error("area", _("Say where: a place or an area."))
        return cleaned

    def values(self) -> dict:
        """Return the cleaned values as arguments of ``hazard_report``. A position says more than the area that was
        proposed; where another one was chosen by hand, that one stays, with the position where it lies in it."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("once", "address", "urgent")}
        placed = given["longitude"] is not None or given.get("point") is not None
        if "area" not in given or (placed and "area" not in self.changed_data):
            given["area"] = None
        elif given["area"] is not None:
            position = point_within(given["area"], given["longitude"], given["latitude"])
            given["longitude"], given["latitude"] = position
        urgency = HazardUrgency.URGENT if self.cleaned_data["urgent"] else HazardUrgency.NORMAL
        return given | {"place": self.cleaned_data["address"], "urgency": urgency, "patrol": self.patrol}


class HazardDeskForm(AskedOnceForm):
    """A hazard that reached the committee otherwise."""

    words = forms.CharField(label=_("What was seen or heard"), max_length=LONGEST, widget=words(4))
    area = forms.ModelChoiceField(Area.objects.none(), label=_("Community or grid"), to_field_name="code")
    place = forms.CharField(label=_("Place in words"), required=False, max_length=120)
    source = forms.ChoiceField(
        label=_("How it was told"), choices=[(value, value.label) for value in TOLD], initial=HazardSource.OTHER
    )
    type = forms.ModelChoiceField(
        DisputeType.objects.none(), label=_("Dispute type"), to_field_name="code", required=False,
        empty_label=_("by the words"),
    )  # fmt: skip
    urgency = forms.ChoiceField(
        label=_("How pressing"), choices=HazardUrgency.choices, initial=HazardUrgency.NORMAL
    )  # fmt: skip
    violence = forms.BooleanField(label=_("Signs of violence"), required=False)
    people = forms.IntegerField(label=_("Persons concerned, about"), required=False, min_value=1, max_value=100_000)
    parties = forms.CharField(label=_("Between whom"), required=False, max_length=200)

    def __init__(self, data=None, *, user):
        super().__init__(data)
        self.fields["area"].queryset = areas_of(user, KEEPS)
        self.fields["type"].queryset = types_in_use()

    def blame(self, refusal: Refused) -> None:
        """Put a refusal beside the field it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal.detail))
