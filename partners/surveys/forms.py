"""What the transitions of questionnaires ask for; used by the admin and the API alike."""

from datetime import datetime

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.errors import Invalid
from governance.forms import TransitionForm, register_form
from governance.models import Estate
from partners.models import QuestionKind, SurveyMode, SurveyQuestion
from partners.surveys.branching import CHOSEN, END, MATRIX, RANKING
from partners.surveys.building import reach_check
from partners.surveys.content import MOST_OPTIONS, MOST_ROWS, options_written, question_told

SURVEY = "partners.survey"


def local(moment: datetime | None) -> str | None:
    """Return a time as a field of the page holds it."""
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") if moment else None


class MomentField(forms.DateTimeField):
    """A time within reach of a plan: with others nobody can reckon."""

    def __init__(self, **options):
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, **options)

    def validate(self, value):
        super().validate(value)
        try:
            reach_check(value, timezone.now(), "")
        except Invalid as error:
            raise forms.ValidationError(error.detail, code=error.code) from error


class PlanFields(forms.Form):
    """Everything of a questionnaire but its questions."""

    title = forms.CharField(label=_("Title of the questionnaire"), max_length=80)
    introduction = forms.CharField(
        label=_("Introduction"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Why you ask, and what becomes of the answers."),
    )  # fmt: skip
    estate = forms.ModelChoiceField(
        Estate.objects.none(), label=_("For the residents of"), to_field_name="code", required=False,
        empty_label=_("the whole community"),
    )  # fmt: skip
    mode = forms.ChoiceField(label=_("Answers are"), choices=SurveyMode.choices, initial=SurveyMode.DWELLING)
    replaceable = forms.BooleanField(
        label=_("A later answer replaces the earlier one"), required=False, initial=True,
        help_text=_("Otherwise a second answer is refused. Anonymous answers cannot be replaced."),
    )  # fmt: skip
    opens_at = MomentField(label=_("Opens"), required=False, help_text=_("Empty: when you open it."))
    closes_at = MomentField(label=_("Closes"), required=False)

    def offer_estates(self, rows) -> None:
        """Offer the estates of ``rows``."""
        self.fields["estate"].queryset = rows.filter(is_active=True).order_by("code")


class PlanForm(PlanFields, TransitionForm):
    """Starts with the plan as it is."""

    photos = None
    field_order = [
        "title",
        "introduction",
        "estate",
        "mode",
        "replaceable",
        "opens_at",
        "closes_at",
        "reason",
        "version",
    ]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        within = Estate.objects.filter(area__path__startswith=self.obj.area.path)
        held = Q(pk=self.obj.estate_id)
        self.offer_estates(Estate.objects.filter(Q(pk__in=within) | held))

    def starting_values(self):
        names = ("title", "introduction", "estate", "mode", "replaceable")
        times = {name: local(getattr(self.obj, name)) for name in ("opens_at", "closes_at")}
        return super().starting_values() | {name: getattr(self.obj, name) for name in names} | times


class ExtendForm(TransitionForm):
    photos = None
    field_order = ["closes_at"]
    closes_at = MomentField(label=_("Closes"))

    def starting_values(self):
        return super().starting_values() | {"closes_at": local(self.obj.closes_at)}


class OneQuestionForm(TransitionForm):
    """About the question ``key``. The page of the builder says which beforehand (``obj.picked``)."""

    photos = None
    field_order = ["key"]
    key = forms.CharField(label=_("Key of the question"), max_length=20)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if getattr(self.obj, "picked", None):  # the page has said it
            self.fields["key"].widget = forms.HiddenInput()

    def starting_values(self):
        return super().starting_values() | {"key": getattr(self.obj, "picked", None)}

    def picked(self) -> SurveyQuestion | None:
        """Return the question the form begins with, or is about."""
        key = self.data.get("key") if self.is_bound else getattr(self.obj, "picked", None)
        if not isinstance(key, str) or "\0" in key:
            return None
        return self.obj.questions.filter(key=key).first()


class MoveForm(OneQuestionForm):
    field_order = ["key", "position"]
    position = forms.IntegerField(label=_("Place"), min_value=1, max_value=200)


class WordsField(forms.CharField):
    """One entry a line."""

    def __init__(self, **options):
        super().__init__(required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 5}), **options)


class QuestionFields(forms.Form):
    """What a question says. Which fields count is told by the kind; the others are passed over."""

    class Media:
        js = ["partners/surveys-builder.js"]

    kind = forms.ChoiceField(label=_("Kind of question"), choices=QuestionKind.choices)
    text = forms.CharField(label=_("Question"), max_length=200)
    help = forms.CharField(label=_("Explanation"), max_length=300, required=False)
    required = forms.BooleanField(label=_("Must be answered"), required=False)
    options = WordsField(
        label=_("Options, one a line"), help_text=_("To choose from, to put in order, or the columns of a table.")
    )
    other = forms.BooleanField(label=_("Also “other”, with room for words"), required=False)
    rows = WordsField(label=_("Rows of the table, one a line"))
    least = forms.DecimalField(
        label=_("Least"), max_digits=12, decimal_places=3, required=False,
        help_text=_("Of a number; or how many are to be chosen."),
    )  # fmt: skip
    most = forms.DecimalField(label=_("Most"), max_digits=12, decimal_places=3, required=False)
    unit = forms.CharField(label=_("Unit of measure"), max_length=12, required=False)
    low_label = forms.CharField(label=_("Lowest of the scale means"), max_length=20, required=False)
    high_label = forms.CharField(label=_("Highest of the scale means"), max_length=20, required=False)

    def question(self, before: SurveyQuestion | None) -> dict:
        """Return the question as JSON; options that were there before keep their keys. Raises ValidationError."""
        given = self.cleaned_data
        told = {name: given[name] for name in ("kind", "text", "help", "required", "other", "least", "most", "unit",
                                               "low_label", "high_label")}  # fmt: skip
        if given["kind"] in (*CHOSEN, RANKING, MATRIX):
            told["options"] = options_written(
                given["options"], before.options if before else [], field="options", most=MOST_OPTIONS
            )
        if given["kind"] == MATRIX:
            told["rows"] = options_written(given["rows"], before.rows if before else [], field="rows", most=MOST_ROWS)
        return told


QUESTION_ORDER = ["kind", "text", "help", "required", "options", "other", "rows", "least", "most", "unit", "low_label",
                  "high_label"]  # fmt: skip


class QuestionFormMixin:
    """Cleans the fields into ``question``."""

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        try:
            cleaned["question"] = self.question(self.before())
        except Invalid as error:
            self.add_error(error.field if error.field in self.fields else None, str(error.detail))
        return cleaned

    def arguments(self):
        return {name: value for name, value in self.cleaned_data.items() if name not in QUESTION_ORDER}


class AddQuestionForm(QuestionFormMixin, QuestionFields, TransitionForm):
    photos = None
    field_order = [*QUESTION_ORDER, "position"]
    position = forms.IntegerField(
        label=_("Place"), min_value=1, max_value=200, required=False, help_text=_("Empty: the end.")
    )

    def before(self):
        return None


class ChangeQuestionForm(QuestionFormMixin, QuestionFields, OneQuestionForm):
    field_order = ["key", *QUESTION_ORDER]

    def before(self):
        return self.picked()

    def starting_values(self):
        values = super().starting_values()
        found = self.obj.questions.filter(key=values["key"]).first() if values["key"] else None
        if found is None:
            return values
        told = question_told(found)
        lines = {name: "\n".join(one["text"] for one in told[name]) for name in ("options", "rows")}
        return values | {name: told[name] for name in QUESTION_ORDER} | lines


MOST_SHOWN = 40


def atoms_of(question: SurveyQuestion) -> list[tuple[str, str]]:
    """Return what can be asked of an answer, as (``key:op:value``, words)."""
    key = question.key
    found = []
    if question.kind in CHOSEN:
        options = [(one["key"], one["text"]) for one in question.options]
        options += [("other", question.text_of("other"))] if question.other else []
        found += [(f"{key}:is:{value}", gettext("is “%(text)s”") % {"text": text}) for value, text in options]
        found += [(f"{key}:is_not:{value}", gettext("is not “%(text)s”") % {"text": text}) for value, text in options]
    scale = {"scale5": range(1, 6), "scale10": range(11)}.get(question.kind, ())
    for value in scale:
        found.append((f"{key}:at_least:{value}", gettext("is at least %(value)s") % {"value": value}))
        found.append((f"{key}:at_most:{value}", gettext("is at most %(value)s") % {"value": value}))
    found.append((f"{key}:answered:", gettext("was answered")))
    found.append((f"{key}:unanswered:", gettext("was not answered")))
    return found


ATOM = r"^[a-z0-9_]{1,20}:[a-z_]{1,12}:[a-z0-9_.\-]{0,20}$"
PAIRS = (1, 2, 3)


class AtomField(forms.RegexField):
    """One thing asked of an earlier answer, ``q1:is:o1``; the page offers what there is."""

    def __init__(self, **options):
        super().__init__(regex=ATOM, max_length=60, required=False, **options)


class BranchForm(OneQuestionForm):
    """When a question is asked, and where it leads. ``show_1`` to ``show_3``, ``jump_n_if``: ``key:op:value``."""

    field_order = ["key", "show_match", "show_1", "show_2", "show_3", "jump_1_if", "jump_1_to", "jump_2_if",
                   "jump_2_to", "jump_3_if", "jump_3_to"]  # fmt: skip
    show_match = forms.ChoiceField(
        label=_("Ask it only if"), required=False,
        choices=[("all", _("all of these hold")), ("any", _("one of these holds"))],
    )  # fmt: skip
    show_1 = AtomField(label=_("Condition 1"), help_text=_("Without a condition it is always asked."))
    show_2 = AtomField(label=_("Condition 2"))
    show_3 = AtomField(label=_("Condition 3"))
    jump_1_if = AtomField(label=_("Jump 1: if the answer"), help_text=_("Empty: always, where it goes on is named."))
    jump_1_to = forms.CharField(label=_("Jump 1: go on to"), max_length=20, required=False)
    jump_2_if = AtomField(label=_("Jump 2: if the answer"))
    jump_2_to = forms.CharField(label=_("Jump 2: go on to"), max_length=20, required=False)
    jump_3_if = AtomField(label=_("Jump 3: if the answer"))
    jump_3_to = forms.CharField(label=_("Jump 3: go on to"), max_length=20, required=False)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        found = self.picked()
        if found is not None:
            self._offer(found)

    def _offer(self, found: SurveyQuestion) -> None:
        rows = list(self.obj.questions.all())
        label = {row.key: f"{row.position}. {row.text[:MOST_SHOWN]}" for row in rows}
        earlier = [(label[row.key], atoms_of(row)) for row in rows if row.position < found.position]
        own = [*earlier, (label[found.key], atoms_of(found))]
        later = [(row.key, label[row.key]) for row in rows if row.position > found.position]
        nothing, ends = ("", "—"), (END, gettext("the end"))
        for number in PAIRS:
            self._select(f"show_{number}", [nothing, *earlier])
            self._select(f"jump_{number}_if", [nothing, *own])
            self._select(f"jump_{number}_to", [nothing, *later, ends])

    def _select(self, name: str, choices) -> None:
        self.fields[name].widget = forms.Select(choices=choices)

    def starting_values(self):
        values = super().starting_values()
        found = self.obj.questions.filter(key=values["key"]).first() if values["key"] else None
        if found is None:
            return values
        shown = found.show_if or {"match": "all", "atoms": []}
        values |= {"show_match": shown["match"]}
        values |= {f"show_{n}": _atom_text(one) for n, one in enumerate(shown["atoms"][:3], 1)}
        for number, jump in enumerate(found.jumps[:3], 1):
            atoms = (jump.get("when") or {}).get("atoms") or []
            values |= {f"jump_{number}_to": jump["to"], f"jump_{number}_if": _atom_text(atoms[0]) if atoms else ""}
        return values

    def clean(self):
        """Refuse to cut what stands there and this page cannot show."""
        given = super().clean()
        found = self.obj.questions.filter(key=given.get("key", "")).first()
        if found is not None and _beyond(found):
            text = _("This question has more conditions or jumps than this page shows: change them through the API.")
            raise forms.ValidationError(text, code="beyond")
        return given

    def arguments(self):
        given = self.cleaned_data
        atoms = [_atom(given[f"show_{number}"]) for number in PAIRS if given[f"show_{number}"]]
        jumps = []
        for number in PAIRS:
            if given[f"jump_{number}_to"]:
                when = given[f"jump_{number}_if"]
                jumps.append({"to": given[f"jump_{number}_to"],
                              "when": {"match": "all", "atoms": [_atom(when)]} if when else None})  # fmt: skip
        show_if = {"match": given["show_match"] or "all", "atoms": atoms} if atoms else None
        kept = {name: given[name] for name in ("key", "reason", "version")}
        return kept | {"show_if": show_if, "jumps": jumps}


def _beyond(question: SurveyQuestion) -> bool:
    """Tell whether a question branches in more ways than the form has fields for."""
    jumps = [(jump.get("when") or {}).get("atoms") or [] for jump in question.jumps]
    shown = (question.show_if or {}).get("atoms") or []
    return len(shown) > len(PAIRS) or len(jumps) > len(PAIRS) or any(len(atoms) > 1 for atoms in jumps)


def _atom(text: str) -> dict:
    question, op, value = text.split(":")
    return {"question": question, "op": op, "value": value}


def _atom_text(atom: dict) -> str:
    return f"{atom['question']}:{atom['op']}:{atom.get('value', '')}"


class NeedForm(TransitionForm):
    """What the need says; ``sheet`` or ``option`` says which answer it is."""

    photos = None
    field_order = ["title", "text", "question", "sheet", "option"]
    title = forms.CharField(label=_("Title of the need"), max_length=80)
    text = forms.CharField(
        label=_("The need in words"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Empty: what was answered. Leave out names and phones."),
    )  # fmt: skip
    question = forms.CharField(label=_("Key of the question"), max_length=20)
    sheet = forms.CharField(label=_("Answered questionnaire"), max_length=36, required=False)
    option = forms.CharField(label=_("Key of the option"), max_length=20, required=False)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if getattr(self.obj, "candidate", None):
            for name in ("question", "sheet", "option"):
                self.fields[name].widget = forms.HiddenInput()

    def starting_values(self):
        return super().starting_values() | (getattr(self.obj, "candidate", None) or {})


class PlainForm(TransitionForm):
    """A remark, and nothing else."""

    photos = None


FORMS = {
    "change": PlanForm, "extend": ExtendForm, "add_question": AddQuestionForm, "change_question": ChangeQuestionForm,
    "branch_question": BranchForm, "move_question": MoveForm, "drop_question": OneQuestionForm, "make_need": NeedForm,
}  # fmt: skip
for name in ("schedule", "recall", "open", "close", "publish", "withdraw"):
    FORMS[name] = PlainForm
for name, form in FORMS.items():
    register_form(SURVEY, name, form)
