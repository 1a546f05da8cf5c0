"""The parts of a draft in its form: statuses, metrics and commands, judged as they are entered together."""

from django.forms import BaseInlineFormSet, ModelForm
from django.utils.translation import gettext_lazy
from unfold.forms import PaginationInlineFormSet

from devices.models import ProfileCommand, ProfileMetric, ProfileStatus
from governance.admin.base import PartsInline, StackedPartsInline


class ProfileStatusInline(StackedPartsInline):
    """Status words: when the alarm is raised and over, and the filing standard of the case each opens."""

    model = ProfileStatus
    fieldsets = [
        (None, {"fields": [("code", "label", "severity"), "standard", ("opens_case", "maintain_while_handled")]}),
        (gettext_lazy("When it is raised"), {"fields": [("on_delay", "samples_needed", "samples_of")]}),
        (gettext_lazy("When it is over"), {"fields": [("off_delay", "reopen_window"), ("over_after", "latched")]}),
        (gettext_lazy("When many are raised"), {"fields": [("storm_count", "storm_window", "storm_pause")]}),
    ]
    autocomplete_fields = ["standard"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("standard__category")


class MetricFormSet(PaginationInlineFormSet):
    """Metrics: they raise ``statuses``, those of the same form."""

    statuses: BaseInlineFormSet | None = None

    def full_clean(self):
        if self.is_bound and self.statuses is not None:
            known = statuses_entered(self.statuses)
            for form in self.forms:
                form.instance.known = known
        super().full_clean()


def statuses_entered(formset: BaseInlineFormSet) -> dict[str, int | None]:
    """Return the status words there will be once a form is saved, with the seconds after which each is over by itself.

    Those that are wrong in themselves are among them: that is told where they stand.
    """
    shown = [form.instance.pk for form in formset.initial_forms]
    stored = ProfileStatus.objects.filter(profile=formset.instance.pk).exclude(pk__in=shown)
    known = dict(stored.values_list("code", "over_after"))  # what somebody else entered meanwhile stays
    formset.is_valid()
    for form in formset.forms:
        if not formset._should_delete_form(form) and (code := form["code"].value()):
            entered = getattr(form, "cleaned_data", {})
            known[entered.get("code", code)] = entered.get("over_after")
    return known


class ProfileMetricInline(StackedPartsInline):
    """Figures and their limits."""

    model = ProfileMetric
    formset = MetricFormSet
    fieldsets = [
        (None, {"fields": [("metric", "label", "unit"), ("valid_min", "valid_max")]}),
        (gettext_lazy("When it raises an alarm"), {"fields": [
            "alarm", ("high", "low", "clear"), ("critical", "critical_severity"), "relative_to_baseline",
        ]}),
    ]  # fmt: skip


class ProfileCommandInline(PartsInline):
    """What devices may be told to do."""

    model = ProfileCommand
    fields = ["name", "label", "parameters"]


def faults(form: ModelForm, formsets) -> list[tuple[str, str, str, str]]:
    """Return all that is wrong with a form and its parts: which row and field, why, and the address on the page."""
    found = _of_form("", form)
    for formset in formsets:
        kind = formset.model._meta.verbose_name
        found += [(str(kind), "", str(error), f"#{formset.prefix}-group") for error in formset.non_form_errors()]
        for form in formset.forms:
            if formset._should_delete_form(form):
                continue  # what goes is not judged
            name = next((told for part in ("label", *form.fields) if (told := form[part].value())), kind)
            found += _of_form(f"{kind} “{name}”" if name != kind else str(kind), form)
    return found


def _of_form(row: str, form: ModelForm) -> list[tuple[str, str, str, str]]:
    first = next(iter(form.fields), "")
    found = [(row, "", str(error), f"#{form[first].auto_id}") for error in form.non_field_errors()]
    for name in form.fields:
        found += [(row, str(form[name].label), str(error), f"#{form[name].auto_id}") for error in form[name].errors]
    return found
