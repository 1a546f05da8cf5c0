"""What the transitions of a round ask for; used by the admin, the API and the phone pages alike."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.patrols import points_not_reached, team_of
from governance.forms import TransitionForm, register_form
from governance.models import User


class AssignForm(TransitionForm):
    """Which of the team walks the round; empty for the whole team. The API names the person by user name."""

    worker = forms.ModelChoiceField(
        User.objects.none(), label=_("assigned to"), required=False, to_field_name="username",
        empty_label=_("Anybody of the team"),
    )  # fmt: skip

    field_order = ["worker", "reason", "photos", "version"]

    def __init__(self, data=None, files=None, *, obj, step, user):
        super().__init__(data, files, obj=obj, step=step, user=user)
        self.fields["worker"].queryset = team_of(obj.unit, obj.role, obj.area, obj.route)

    def starting_values(self):
        worker = self.obj.worker
        return super().starting_values() | {"worker": worker.username if worker else None}


class FinishForm(TransitionForm):
    """A reason for each point that was not reached, in a field ``point_<id>`` of its own, or one for all of them."""

    def __init__(self, data=None, files=None, *, obj, step, user):
        super().__init__(data, files, obj=obj, step=step, user=user)
        self.missed = points_not_reached(obj)
        for point in self.missed:
            self.fields[f"point_{point.pk}"] = forms.CharField(
                label=_("Why not at “%(point)s”?") % {"point": point.name}, required=False, max_length=500
            )
        if self.missed:
            self.fields["reason"].label = _("Why not everywhere (for all points without a reason of their own)")
        self.order_fields([*(f"point_{point.pk}" for point in self.missed), "reason", "photos", "version"])

    def arguments(self):
        given = dict(self.cleaned_data)
        told = {point.pk: given.pop(f"point_{point.pk}") for point in self.missed}
        return given | {"reasons": {pk: text for pk, text in told.items() if text}}


register_form("cases.patrol", "assign", AssignForm)
register_form("cases.patrol", "finish", FinishForm)
