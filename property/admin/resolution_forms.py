"""Staff forms around a resolution: proposing it, its roll, reading papers, settling and deciding."""

import re

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import REASON_NEEDED
from governance.models import Area, Building, Entrance, Estate, OrgUnit
from governance.scoping import InArea, grants_of, visible_q
from property.estates import BOUND_ROLES, InTheirEstate
from property.models import AreaSource, Choice, Holder, Resolution, RuleSet, Secrecy
from property.voting.querysets import PROPOSERS

# The estates for which somebody may propose.
PROPOSES_FOR = {role: InArea() & InTheirEstate(("pk",)) if role in BOUND_ROLES else InArea() for role in PROPOSERS}
# What a clerk types after the ballot number: keys of the numeric keypad, one for each choice.
KEYS = {"+": Choice.FOR, "-": Choice.AGAINST, "*": Choice.ABSTAIN, "/": Choice.INVALID}
TYPED = re.compile(r"(\d{1,9})\s*([-+*/－＋＊／])")
WIDE = str.maketrans("－＋＊／０１２３４５６７８９", "-+*/0123456789")
MOST_AT_ONCE = 50


def reason_field() -> forms.CharField:
    """Return the field of a compulsory reason."""
    return forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": REASON_NEEDED},
    )  # fmt: skip


class WordsForm(forms.Form):
    """What is put to the vote, under which rule, and how the ballots come in."""

    title = forms.CharField(label=gettext_lazy("title"), max_length=120)
    text = forms.CharField(
        label=gettext_lazy("text put to the vote"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6})
    )
    building = forms.ModelChoiceField(
        Building.objects.none(), label=gettext_lazy("building"), required=False,
        help_text=gettext_lazy("Where only one building decides."),
    )  # fmt: skip
    entrance = forms.ModelChoiceField(
        Entrance.objects.none(), label=gettext_lazy("entrance"), required=False,
        help_text=gettext_lazy("Where only one entrance decides, for example about a lift."),
    )  # fmt: skip
    rule_set = forms.ModelChoiceField(RuleSet.objects.none(), label=gettext_lazy("rule set"))
    convener = forms.ModelChoiceField(OrgUnit.objects.none(), label=gettext_lazy("convened by"), required=False)
    secrecy = forms.ChoiceField(label=gettext_lazy("ballot"), choices=Secrecy.choices, initial=Secrecy.OPEN)
    takes_paper = forms.BooleanField(label=gettext_lazy("on paper"), required=False, initial=True)
    takes_online = forms.BooleanField(label=gettext_lazy("online"), required=False, initial=True)

    def offer(self, user, estates) -> None:
        """Offer buildings and entrances of the estates, rule sets in use, and units the person sees."""
        self.fields["building"].queryset = Building.objects.filter(estate__in=estates).select_related("estate")
        entrances = Entrance.objects.filter(building__estate__in=estates).select_related("building__estate")
        self.fields["entrance"].queryset = entrances
        self.fields["entrance"].label_from_instance = lambda row: f"{row.building} {row}"
        self.fields["rule_set"].queryset = (
            RuleSet.objects.visible_to(user).filter(is_active=True).order_by("kind", "code")
        )
        paths = [grant.area_path for grant in grants_of(user) if grant.role in PROPOSERS]
        units = OrgUnit.objects.filter(is_active=True, kind__in=("community_committee", "owners_committee"))
        near = [unit.pk for unit in units.select_related("area") if _within(unit.area, paths)]
        self.fields["convener"].queryset = units.filter(pk__in=near)


def _within(area: Area, paths: list[str]) -> bool:
    return any(area.path.startswith(path) or path.startswith(area.path) for path in paths)


class ProposeForm(WordsForm):
    """A new resolution: of an estate, or of a whole area."""

    estate = forms.ModelChoiceField(
        Estate.objects.none(), label=gettext_lazy("estate"), required=False,
        help_text=gettext_lazy("Left empty: the whole area."),
    )  # fmt: skip
    area = forms.ModelChoiceField(Area.objects.none(), label=gettext_lazy("area"), required=False)
    repeats = forms.ModelChoiceField(
        Resolution.objects.none(), label=gettext_lazy("repeats"), required=False,
        help_text=gettext_lazy("An earlier vote that had no quorum or did not pass."),
    )  # fmt: skip
    field_order = ["title", "text", "estate", "area", "building", "entrance", "rule_set"]

    def __init__(self, data=None, *, user):
        super().__init__(data)
        # A whole area is not for who is bound to one estate of it.
        paths = tuple(grant.area_path for grant in grants_of(user) if grant.role in {*PROPOSERS} - {*BOUND_ROLES})
        areas = Area.objects.visible_to(user).filter(is_active=True, kind__in=("community", "grid")).defer("boundary")
        own = [area.pk for area in areas if area.path.startswith(paths)] if paths else []
        self.fields["area"].queryset = areas.filter(pk__in=own)
        proposes = visible_q(PROPOSES_FOR, user)
        estates = Estate.objects.none() if proposes is None else Estate.objects.filter(proposes, is_active=True)
        self.fields["estate"].queryset = estates
        self.offer(user, estates)
        earlier = Resolution.objects.visible_to(user).filter(Q(area__in=own) | Q(estate__in=estates))
        earlier = earlier.filter(outcome__in=("no_quorum", "rejected"))
        self.fields["repeats"].queryset = earlier.order_by("-id")
        if estates.count() == 1:
            self.fields["estate"].initial = estates.first()


class ChangeForm(WordsForm):
    """The same before the announcement; place and estate stay. ``version``: the one that was looked at."""

    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, data=None, *, user, resolution: Resolution):
        names = (
            "title",
            "text",
            "building",
            "entrance",
            "rule_set",
            "convener",
            "secrecy",
            "takes_paper",
            "takes_online",
        )
        super().__init__(data, initial={name: getattr(resolution, name) for name in (*names, "version")})
        self.offer(user, [resolution.estate_id] if resolution.estate_id else [])


class DrawForm(forms.Form):
    """Under which name the developer's unsold dwellings are registered."""

    developer = forms.CharField(
        label=gettext_lazy("developer's name in the register"), max_length=60, required=False,
        help_text=gettext_lazy("Dwellings registered under this name are one head together. Empty: there are none."),
    )  # fmt: skip


class EntryForm(forms.Form):
    """Mending an entry of a roll that is not frozen."""

    floor_area = forms.DecimalField(
        label=gettext_lazy("floor area (m²)"), max_digits=8, decimal_places=2, required=False
    )
    area_source = forms.ChoiceField(label=gettext_lazy("area from"), choices=AreaSource.choices)
    holder = forms.ChoiceField(
        label=gettext_lazy("votes as"), required=False,
        choices=[("", gettext_lazy("Unchanged")), (Holder.DEVELOPER.value, Holder.DEVELOPER.label)],
    )  # fmt: skip
    same_owner_as = forms.IntegerField(
        label=gettext_lazy("same owner as ballot number"), required=False, min_value=1, max_value=10**6
    )
    reason = reason_field()


class DeskForm(forms.Form):
    """What a clerk reads: ballot numbers, each followed by the key of its choice, several with blanks between them.

    ``cleaned_data["typed"]``: pairs of number and choice, in order.
    """

    typed = forms.CharField(
        label=gettext_lazy("Ballot number and key"), max_length=600,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    another = forms.BooleanField(
        label=gettext_lazy("A further paper of the same dwelling"), required=False,
        help_text=gettext_lazy("Only if two papers with this number lie before you."),
    )  # fmt: skip

    def clean_typed(self):
        typed = self.cleaned_data["typed"].translate(WIDE)
        found = [(int(number), KEYS[key]) for number, key in TYPED.findall(typed)]
        rest = TYPED.sub("", typed).strip(" ,，、")
        if rest or not found:
            raise forms.ValidationError(_("Type each ballot number and then a key, for example 17+"), code="invalid")
        if len(found) > MOST_AT_ONCE:
            raise forms.ValidationError(_("At most %(most)s at once.") % {"most": MOST_AT_ONCE}, code="too_many")
        return found


class SettleForm(forms.Form):
    """What the paper really says."""

    choice = forms.ChoiceField(
        label=gettext_lazy("What the paper says"), choices=Choice.choices, widget=forms.RadioSelect
    )
    reason = reason_field()


class DecideForm(forms.Form):
    """Which of the contradicting ballots counts; ``ballot`` is None where none does."""

    ballot = forms.TypedChoiceField(
        label=gettext_lazy("Which one counts"), widget=forms.RadioSelect, coerce=lambda value: int(value) or None
    )
    reason = reason_field()

    def __init__(self, data=None, *, ballots, shown):
        super().__init__(data)
        self.ballots = {ballot.pk: ballot for ballot in ballots}
        labels = [(pk, f"{ballot.name} {shown(ballot)}".strip()) for pk, ballot in self.ballots.items()]
        self.fields["ballot"].choices = [*labels, (0, _("None of them (an invalid vote)"))]

    def clean_ballot(self):
        return self.ballots.get(self.cleaned_data["ballot"])
