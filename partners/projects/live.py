"""Projects, claims and evaluations on the live push: what staff see of them. Names of people stand in none."""

from collections.abc import Callable, Sequence

from django.urls import reverse

from governance.live import describe
from partners.models import Claim, Evaluation, Project


def _described(model, number: Callable[..., str]) -> None:
    name = model._meta.model_name

    @describe(f"partners.{name}", rows=lambda: model.objects.with_rows())
    def rows(rows: Sequence) -> dict[int, dict]:
        return {
            one.pk: {
                "number": number(one),
                "state": one.state,
                "state_label": one.get_state_display(),
                "version": one.version,
                "url": reverse(f"admin:partners_{name}_change", args=[one.pk]),
            }
            for one in rows
        }


_described(Project, lambda row: row.number)
_described(Claim, lambda row: row.number)
_described(Evaluation, lambda row: f"{row.project.number} {row.get_party_display()}")
