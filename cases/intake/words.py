"""What people read of named sources: origins, evidence, live rows, notices."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.evidence import register_kind, register_origin
from cases.models import IntakeSource
from governance.live import describe
from governance.notices import Parties, notice_context
from governance.notices.telling import moment


def _tell(data: dict) -> str:
    number = _("%(name)s, number there %(number)s") % {"name": data["name"], "number": data["external_id"]}
    return f"{number}：{data['text']}" if data.get("text") else number


register_origin("source", gettext_lazy("named source"))
register_origin("external_id", gettext_lazy("number there"))
register_kind("intake_told", gettext_lazy("When it happened, as the source says"), _tell)
register_kind("intake_update", gettext_lazy("The source has sent it again"), _tell)


register_kind("open311_media", gettext_lazy("Link to media, as the reporter's app says"), lambda data: data["url"])


@describe("cases.intakesource", rows=lambda: IntakeSource.objects.select_related("area").defer("area__boundary"))
def live_sources(sources: Sequence[IntakeSource]) -> dict[int, dict]:
    """Return what a toast shows of each source."""
    return {
        source.pk: {
            "number": source.name,
            "area": str(source.area),
            "url": reverse("admin:cases_intakesource_change", args=[source.pk]),
        }
        for source in sources
    }


VARIABLES = {"code": gettext_lazy("code"), "name": gettext_lazy("name"), "since": gettext_lazy("silent since"),
             "unit": gettext_lazy("unit")}  # fmt: skip


@notice_context(
    "cases.intakesource",
    variables=VARIABLES,
    rows=lambda: IntakeSource.objects.select_related("area", "unit").defer("area__boundary"),
    parties=lambda source: Parties({"lead": [source.unit_id]}, None),
)
def source_words(source: IntakeSource, *, public: bool) -> dict:
    """Return a source in texts."""
    return {
        "code": source.code,
        "name": source.name,
        "since": moment(source.silent_since),
        "unit": source.unit.name,
        "url": reverse("admin:cases_intakesource_change", args=[source.pk]),
    }
