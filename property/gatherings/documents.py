"""The list of who signed up to an event: as an Excel table, and as a Word list to tick at the door."""

from io import BytesIO
from pathlib import Path

from django.utils.translation import gettext as _
from docxtpl import DocxTemplate

from property.gatherings.sign_up_workflow import GONE, HOLDING
from property.models import NeighbourEvent, SignUp

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEMPLATE = Path(__file__).parent / "word" / "sign_ups.docx"


def listed(event: NeighbourEvent) -> list[SignUp]:
    """Return who has a place or waits, in the order in which they asked."""
    rows = SignUp.objects.filter(event=event).exclude(state__in=GONE)
    return list(rows.select_related("person", "dwelling").order_by("turn"))


def table_of(event: NeighbourEvent) -> tuple[list[str], list[list]]:
    """Return header and rows of the table."""
    header = [_("number"), _("name"), _("dwelling"), _("companions"), _("children"), _("wishes and needs"),
              _("state"), _("checked in at")]  # fmt: skip
    rows = [
        [number, row.who, row.dwelling.code if row.dwelling else "", row.companions, row.children, row.needs,
         str(row.get_state_display()), row.checked_in_at]
        for number, row in enumerate(listed(event), start=1)
    ]  # fmt: skip
    return header, rows


def word_of(event: NeighbourEvent) -> tuple[str, bytes]:
    """Return (file name, content) of the list to print: an empty box before each name; people with a place are added
    up, who waits is not."""
    found = listed(event)
    rows = [
        {"number": number, "box": "☑" if row.checked_in_at else "☐", "who": row.who, "heads": row.heads,
         "home": row.dwelling.code if row.dwelling else "", "needs": row.needs, "state": str(row.get_state_display())}
        for number, row in enumerate(found, start=1)
    ]  # fmt: skip
    template = DocxTemplate(TEMPLATE)
    words = {"title": event.title, "time": event.time_text, "place": event.place_text, "unit": event.unit.name,
             "rows": rows, "heads": sum(row.heads for row in found if row.state in HOLDING)}  # fmt: skip
    template.render(words, autoescape=True)
    content = BytesIO()
    template.save(content)
    return f"sign-ups-{event.pk}.docx", content.getvalue()
