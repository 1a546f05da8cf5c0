"""Forms of what is entered about credit files; services judge what they hold."""

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.forms import PhotosField, TransitionForm, register_form
from governance.models import Area, AreaKind
from governance.scoping import grants_of, visible_q
from partners.credit.lists import Criteria
from partners.credit.querysets import RUNS
from partners.earning.entry_forms import DAY
from partners.models import CreditList, CreditNote, CreditPurpose, Partner, PartnerKind
from partners.models.credit import FIRST_YEAR, LOWERING_CHOICES, MOST_FIGURE

WORDS = forms.Textarea(attrs={"rows": 3})


def partners_kept_by(user):
    """Return partners, active or suspended, whose files a person keeps."""
    found = visible_q(RUNS, user)
    rows = Partner.objects.filter(state__in=["active", "suspended"])
    return Partner.objects.none() if found is None else rows.filter(found).with_rows().order_by("name", "pk")


class NoteForm(forms.Form):
    """A fact that lowers a file: the partner is told of it at once."""

    partner = forms.ModelChoiceField(Partner.objects.none(), label=_("partner"))
    line = forms.ChoiceField(label=_("what it is"), choices=LOWERING_CHOICES)
    happened_on = forms.DateField(label=_("on"), widget=forms.DateInput(attrs=DAY), initial=timezone.localdate)
    what = forms.CharField(label=_("what happened"), max_length=300, widget=WORDS,
                           help_text=_("The partner reads it."))  # fmt: skip
    figure = forms.DecimalField(label=_("counts as"), min_value=0, max_value=MOST_FIGURE, decimal_places=2, initial=1)
    photos = PhotosField(label=_("Documents"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = partners_kept_by(user)


class ListForm(forms.Form):
    """Who is looked for."""

    area = forms.ModelChoiceField(Area.objects.none(), label=_("area"), to_field_name="code")
    purpose = forms.ChoiceField(label=_("what for"), choices=CreditPurpose.choices)
    title = forms.CharField(label=_("title"), max_length=80, required=False)
    year = forms.IntegerField(label=_("year"), min_value=FIRST_YEAR, max_value=9999)
    as_of = forms.DateField(label=_("as of"), widget=forms.DateInput(attrs=DAY), required=False,
                            help_text=_("Empty: today."))  # fmt: skip
    levels = forms.CharField(label=_("levels"), max_length=100, required=False,
                             help_text=_("codes of levels with spaces between; empty: all"))  # fmt: skip
    kinds = forms.MultipleChoiceField(label=_("kinds"), choices=PartnerKind.choices, required=False,
                                      widget=forms.CheckboxSelectMultiple)  # fmt: skip
    least_score = forms.DecimalField(label=_("score at least"), min_value=0, max_value=1000, required=False)
    least_points = forms.IntegerField(label=_("points at least"), min_value=0, max_value=1_000_000, required=False)
    least_activities = forms.IntegerField(label=_("activities at least"), min_value=0, max_value=1_000_000,
                                          required=False)  # fmt: skip

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        rows = Area.objects.filter(is_active=True).exclude(kind=AreaKind.GRID)
        self.fields["area"].queryset = rows.filter(_under_grants(user)).order_by("code")
        self.fields["year"].initial = timezone.localdate().year

    def arguments(self) -> dict:
        """Return the values as ``list_draw`` takes them."""
        given = dict(self.cleaned_data)
        names = ("levels", "kinds", "least_score", "least_points", "least_activities")
        chosen = {name: given.pop(name) for name in names}
        chosen["levels"] = chosen["levels"].replace(",", " ").replace("，", " ").split()
        return given | {"wanted": Criteria(**{name: value for name, value in chosen.items() if value})}


def _under_grants(user) -> Q:
    """Return what areas lie under those whose partners a person keeps."""
    found = Q(pk__in=[])
    for grant in grants_of(user):
        if grant.role in RUNS:
            found |= Q(path__startswith=grant.area_path)
    return found


class CandidateForm(forms.Form):
    """A partner put on a list by hand."""

    partner = forms.ModelChoiceField(Partner.objects.none(), label=_("partner"))
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=WORDS)

    def __init__(self, *args, of_list: CreditList, user, **kwargs):
        super().__init__(*args, **kwargs)
        rows = partners_kept_by(user).filter(state="active", area__path__startswith=of_list.area.path)
        self.fields["partner"].queryset = rows.exclude(pk__in=of_list.candidates.values("partner"))


class AppealForm(forms.Form):
    """Why the partner thinks that something is wrong, with documents."""

    grounds = forms.CharField(label=_("What is wrong"), max_length=1000, widget=WORDS)
    photos = PhotosField(label=_("Documents"))


class AnswerForm(TransitionForm):
    """What the partner has to say."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["reason"].label, self.fields["reason"].max_length = _("Your answer"), 1000


register_form(CreditNote._meta.label_lower, "answer", AnswerForm)
