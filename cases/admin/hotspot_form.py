"""What the hot-spot page is asked: which cases, whose, when, and by what they are put together."""

from datetime import timedelta

from django import forms
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.admin.filters import MOST_AREAS
from cases.hotspots.asking import Question
from cases.hotspots.querysets import COUNTED_FOR
from cases.hotspots.scope import scope_of, shared
from cases.hotspots.spans import Window
from cases.models import CaseCategory, Scene
from governance.errors import Invalid
from governance.models import Area
from governance.scoping import grants_of

BY_AREA = "area"
BY = [
    ("9", _("Hexagons of 200 m")),
    ("8", _("Hexagons of 500 m")),
    ("7", _("Hexagons of 1.4 km")),
    (BY_AREA, _("Areas")),
]
DAYS = [(7, _("7 days")), (28, _("4 weeks")), (91, _("13 weeks")), (364, _("52 weeks"))]


class TreeField(forms.ModelChoiceField):
    """One row of a tree, smaller ones indented."""

    def __init__(self, *args, depth, **options):
        self.depth = depth
        super().__init__(*args, **options)

    def label_from_instance(self, obj):
        return "　" * self.depth(obj) + str(obj)


class HotSpotForm(forms.Form):
    """Filters of the page; whole weeks are compared with each other, up to yesterday unless told otherwise."""

    category = TreeField(
        CaseCategory.objects.none(), label=_("category"), required=False, empty_label=_("All cases"),
        depth=lambda row: 1 if row.parent_id else 0,
    )  # fmt: skip
    scene = forms.ModelChoiceField(Scene.objects.none(), label=_("scene"), required=False, empty_label=_("All scenes"))
    area = TreeField(
        Area.objects.none(), label=_("area"), required=False, empty_label=_("My areas"),
        depth=lambda row: row.path.count("/") - 2,
    )  # fmt: skip
    days = forms.TypedChoiceField(label=_("window"), choices=DAYS, coerce=int)
    last = forms.DateField(label=_("last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    by = forms.ChoiceField(label=_("show by"), choices=BY)

    def __init__(self, given, *, user):
        self.user = user
        yesterday = timezone.localdate() - timedelta(days=1)
        starting = {"days": 28, "last": yesterday.isoformat(), "by": "9"}
        super().__init__(starting | {name: value for name, value in given.items() if value})
        self.fields["category"].queryset = classes_first(CaseCategory.objects.visible_to(user))
        self.fields["scene"].queryset = scenes_of(user)
        self.fields["area"].queryset = areas_of(user)

    def clean(self):
        given = super().clean()
        try:
            shared(given.get("area"), given.get("scene"))
        except Invalid as error:
            self.add_error(error.field, forms.ValidationError(error.detail, error.code))
        return given

    def clean_last(self):
        last = self.cleaned_data["last"]
        if last > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."), code="future")
        if last.year < 2000:
            raise forms.ValidationError(_("There are no cases of that time."), code="too_early")
        return last

    def question(self) -> Question:
        """Return what is asked. Raises NotPermitted where the person works nowhere."""
        given = self.cleaned_data
        within = shared(given["area"], given["scene"])
        window = Window.ending(given["last"], given["days"])
        return Question(window, scope_of(self.user, within), given["category"], given["scene"])

    @property
    def by_area(self) -> bool:
        return self.cleaned_data["by"] == BY_AREA


def classes_first(categories):
    """Categories in use, each class followed by its sub-classes."""
    return categories.filter(is_active=True).order_by(
        "scheme", "scheme_version", Coalesce("parent__code", "code"), F("parent_id").asc(nulls_first=True), "code"
    )


def scenes_of(user):
    """Scenes in use that hold where the person works, or in a part of it."""
    rows = Scene.objects.visible_to(user).in_use().met_by(grants_of(user))
    return rows.select_related("area").defer("area__boundary")


def areas_of(user):
    """Areas whose figures the person may ask for; without grids where there are too many to choose from."""
    paths = {grant.area_path for grant in grants_of(user) if grant.role in COUNTED_FOR}
    inside = Q(pk__in=[])
    for path in paths:
        inside |= Q(path__startswith=path)
    rows = Area.objects.visible_to(user).filter(inside, is_active=True).defer("boundary").order_by("code")
    return rows if rows.order_by()[MOST_AREAS : MOST_AREAS + 1].count() == 0 else rows.exclude(kind="grid")
