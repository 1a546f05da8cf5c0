"""What transitions of projects ask for, and what makes new rows; used by the admin, the pages and the API alike."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.booking_forms import date_input, time_input
from governance.clock import SHANGHAI
from governance.forms import PhotosField, TransitionForm, register_form
from governance.models import User, Venue
from partners.models import (
    BudgetSort,
    Clash,
    KindUse,
    Need,
    NeedCategory,
    NeedGroup,
    Partner,
    PartnerKind,
    Party,
    Profession,
    Project,
    QualificationKind,
    ServiceKind,
)
from partners.models.project import MOST_CLAIMS, MOST_HANDS, MOST_QUANTITY
from partners.models.project_claim import MOST_PEOPLE, MOST_SERVED, MOST_SESSIONS
from partners.projects.acting import CLAIM, PROJECT
from partners.projects.planning import ProjectPlan
from partners.recruiting.forms import Blaming


def moment_of(day, clock, field: str = "") -> datetime | None:
    """Return a day and a time as a moment; None without a day."""
    return None if day is None else datetime.combine(day, clock or time(0), SHANGHAI)


class ProjectForm(Blaming):
    """A project: what, when, for which partners, for which points."""

    title = forms.CharField(label=_("What it is called"), max_length=80)
    about = forms.CharField(
        label=_("More about it"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    goals = forms.CharField(
        label=_("Goals"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )  # fmt: skip
    needs = forms.ModelMultipleChoiceField(
        Need.objects.none(), label=_("Adopted needs it meets"), required=False,
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )  # fmt: skip
    category = forms.ModelChoiceField(
        NeedCategory.objects.none(), label=_("Category"), to_field_name="code", required=False
    )
    group = forms.ChoiceField(label=_("For whom"), choices=NeedGroup.choices)
    place = forms.CharField(label=_("Where"), max_length=120, required=False)
    starts_on = forms.DateField(label=_("First day"), widget=date_input())
    ends_on = forms.DateField(label=_("Last day"), widget=date_input())
    partner_kinds = forms.MultipleChoiceField(
        label=_("Kinds of partners"), choices=PartnerKind.choices, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("None: all kinds."),
    )  # fmt: skip
    profession = forms.ModelChoiceField(
        Profession.objects.none(), label=_("Profession"), to_field_name="code", required=False
    )
    qualification = forms.ModelChoiceField(
        QualificationKind.objects.none(), label=_("Qualification needed"), to_field_name="code", required=False
    )
    clash = forms.ChoiceField(label=_("If a partner is busy then"), choices=Clash.choices)
    most_claims = forms.IntegerField(
        label=_("How many partners"), min_value=1, max_value=MOST_CLAIMS, initial=1,
        help_text=_("1: it is exclusively one partner's."),
    )  # fmt: skip
    kind = forms.ModelChoiceField(
        ServiceKind.objects.none(), label=_("Points by"), to_field_name="code", required=False,
        empty_label=_("no points"),
    )  # fmt: skip
    quantity = forms.IntegerField(
        label=_("How often that tariff"), min_value=1, max_value=MOST_QUANTITY, initial=1,
        help_text=_("At most so much for each partner; the grade says which share of it."),
    )  # fmt: skip
    help_kind = forms.ModelChoiceField(
        ServiceKind.objects.none(), label=_("Hours of helpers as"), to_field_name="code", required=False
    )

    def __init__(self, *args, area, project: Project | None = None, **options):
        super().__init__(*args, **options)
        taken = Project.objects.unfinished().exclude(pk=project.pk if project else None)
        needs = Need.objects.filter(state="adopted", area__path__startswith=area.path if area else "-")
        self.fields["needs"].queryset = needs.exclude(projects__in=taken).order_by("-id")
        for name, model in (("category", NeedCategory), ("profession", Profession),
                            ("qualification", QualificationKind)):  # fmt: skip
            self.fields[name].queryset = model.objects.filter(is_active=True).order_by("code")
        kinds = ServiceKind.objects.filter(is_active=True).order_by("code")
        self.fields["kind"].queryset = kinds.filter(use=KindUse.PROJECT)
        self.fields["help_kind"].queryset = kinds.filter(use=KindUse.SERVICE)

    def plan(self) -> ProjectPlan:
        """Return what was filled in, for the services."""
        given = dict(self.cleaned_data)
        given.pop("area", None)
        return ProjectPlan(**given | {"exclusive": given["most_claims"] == 1, "needs": list(given["needs"])})


def project_values(project: Project) -> dict:
    """Return a project as its form shows it first."""
    names = ("title", "about", "goals", "group", "place", "starts_on", "ends_on", "partner_kinds", "clash",
             "most_claims", "quantity")  # fmt: skip
    codes = ("category", "profession", "qualification", "kind", "help_kind")
    found = {name: getattr(project, name) for name in names}
    found |= {name: getattr(project, name) and getattr(project, name).code for name in codes}
    return found | {"needs": list(project.needs.values_list("pk", flat=True))}


class TaskForm(Blaming):
    """A task of a project."""

    title = forms.CharField(label=_("Task"), max_length=80)
    day = forms.DateField(label=_("Day"), required=False, widget=date_input())
    starts = forms.TimeField(label=_("from (time)"), required=False, widget=time_input())
    ends = forms.TimeField(label=_("to (time)"), required=False, widget=time_input())
    venue = forms.ModelChoiceField(
        Venue.objects.none(), label=_("Venue, booked for this time"), required=False
    )  # fmt: skip
    place = forms.CharField(label=_("Other place"), max_length=120, required=False)
    hands = forms.IntegerField(label=_("Hands needed"), min_value=1, max_value=MOST_HANDS, initial=1)

    def __init__(self, *args, project: Project, user, **options):
        super().__init__(*args, **options)
        venues = Venue.objects.visible_to(user).filter(is_active=True)
        self.fields["venue"].queryset = venues.filter(area__path__startswith=project.area.path)

    def values(self) -> dict:
        """Return what was filled in as arguments of ``task_add``."""
        given = self.cleaned_data
        starts, ends = (moment_of(given["day"], given[name]) for name in ("starts", "ends"))
        return {name: given[name] for name in ("title", "place", "venue", "hands")} | {
            "starts_at": starts, "ends_at": ends,
        }  # fmt: skip


class LineForm(Blaming):
    """A line of the budget, or an actual cost with its documents."""

    sort = forms.ChoiceField(label=_("Planned or actual"), choices=BudgetSort.choices)
    title = forms.CharField(label=_("What for"), max_length=80)
    amount = forms.DecimalField(label=_("Amount (yuan)"), max_digits=10, decimal_places=2)
    day = forms.DateField(label=_("Day"), required=False, widget=date_input())
    documents = PhotosField(label=_("Documents"))


class LogForm(Blaming):
    """An entry of the log."""

    text = forms.CharField(
        label=_("What was done in the project"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    photos = PhotosField()
    open = forms.BooleanField(
        label=_("On the public page"), required=False, help_text=_("Nobody may be recognised on the photos.")
    )

    def __init__(self, *args, staff: bool = True, **options):
        super().__init__(*args, **options)
        if not staff:
            del self.fields["open"]


class InviteForm(Blaming):
    """Who is asked to evaluate."""

    party = forms.ChoiceField(label=_("Party"), choices=Party.choices)
    person = forms.ModelChoiceField(
        User.objects.filter(is_active=True, is_system=False), label=_("User name of a person with an account"),
        to_field_name="username", widget=forms.TextInput,
    )  # fmt: skip


class ClaimForm(Blaming):
    """A claim by a partner."""

    partner = forms.ModelChoiceField(Partner.objects.none(), label=_("For which partner"))
    plan = forms.CharField(
        label=_("How you would do it"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )  # fmt: skip
    people = forms.IntegerField(label=_("People you bring"), min_value=1, max_value=MOST_PEOPLE, initial=1)

    def __init__(self, *args, partners, **options):
        super().__init__(*args, **options)
        self.fields["partner"].queryset = partners
        first = list(partners[:2])
        if len(first) == 1:
            self.fields["partner"].widget = forms.HiddenInput()
            self.initial["partner"] = first[0].pk


class AnswerForm(Blaming):
    """The marks of one evaluation: a field for each item of the party."""

    def __init__(self, *args, evaluation, **options):
        super().__init__(*args, **options)
        self.items = list(evaluation.form.items.filter(party=evaluation.party).order_by("position"))
        for item in self.items:
            least, most = item.bounds
            name = f"item_{item.pk}"
            if item.scale == "five":
                self.fields[name] = forms.TypedChoiceField(
                    label=item.text, coerce=int, choices=[(n, str(n)) for n in range(most, least - 1, -1)],
                    widget=forms.RadioSelect, help_text=_("5 is best."),
                )  # fmt: skip
            else:
                self.fields[name] = forms.IntegerField(
                    label=item.text, min_value=least, max_value=most, help_text=_("0 to 100.")
                )
        self.fields["remarks"] = forms.CharField(
            label=_("Remarks"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
        )

    def marks(self) -> dict[int, int]:
        """Return the marks by the items' ids."""
        return {item.pk: self.cleaned_data[f"item_{item.pk}"] for item in self.items}


class PublishForm(TransitionForm):
    field_order = ["claim_from", "claim_until"]
    claim_from = forms.DateTimeField(
        label=_("Claims from"), required=False, help_text=_("Empty: at once. 2026-01-31 09:00")
    )
    claim_until = forms.DateTimeField(label=_("Claims until"))

    def starting_values(self):
        until = timezone.localtime() + timedelta(days=14)
        return super().starting_values() | {"claim_until": until.replace(hour=18, minute=0, second=0, microsecond=0)}


class EvaluateForm(TransitionForm):
    field_order = ["missing_reason"]
    missing_reason = forms.CharField(
        label=_("Why without a party that has not answered"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        del self.fields["reason"]


class DeliverForm(TransitionForm):
    field_order = ["report", "served", "sessions"]
    report = forms.CharField(
        label=_("What was done and what came of it"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )
    served = forms.IntegerField(label=_("People served"), min_value=0, max_value=MOST_SERVED, initial=0)
    sessions = forms.IntegerField(label=_("How often it was held"), min_value=0, max_value=MOST_SESSIONS, initial=1)


register_form(PROJECT, "publish", PublishForm)
register_form(PROJECT, "evaluate", EvaluateForm)
register_form(CLAIM, "deliver", DeliverForm)
