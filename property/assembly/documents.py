"""The notice and the minutes of a session as Word documents, out of the templates in ``word/``.

The templates are Chinese, as the papers that hang in the stairwell are; a place changes them in Word: what stands in
double braces is filled in.
"""

from io import BytesIO
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _
from docxtpl import DocxTemplate, Listing

from governance.errors import Conflict
from property.assembly.invitation_workflow import WAS_THERE, InvitationState
from property.assembly.minutes import answers_of
from property.assembly.record import outcome_text, people_of, topics_of
from property.assembly.session_workflow import SessionState
from property.models import AgendaItem, AssemblySession, Invitation, Minutes

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FOLDER = Path(__file__).parent / "word"
CONFIRMED = (SessionState.CONFIRMED, SessionState.PUBLISHED, SessionState.ARCHIVED)


def document_of(session: AssemblySession, kind: str) -> tuple[str, bytes]:
    """Return (file name, content) of ``kind`` notice or minutes. Raises Conflict before there is anything to print."""
    if kind == "notice" and session.noticed_at is None:
        raise Conflict(_("The notice has not been sent yet."), code="not_noticed")
    if kind == "minutes" and session.closed_at is None:
        raise Conflict(_("The session is not over yet."), code="not_closed")
    words = _notice_words(session) if kind == "notice" else _minutes_words(session)
    template = DocxTemplate(FOLDER / f"{kind}.docx")
    template.render(_common_words(session) | words, autoescape=True)
    content = BytesIO()
    template.save(content)
    return f"{kind}-{session.assembly.code}-{session.month:%Y-%m}.docx", content.getvalue()


def _common_words(session: AssemblySession) -> dict:
    return {
        "assembly": session.assembly.name, "month": f"{session.month:%Y年%m月}", "time": session.time_text,
        "place": session.place_text, "chair": session.assembly.chair.name,
    }  # fmt: skip


def _notice_words(session: AssemblySession) -> dict:
    asked = [row for row in people_of(session) if row.state != InvitationState.WITHDRAWN]
    return {
        "date": f"{timezone.localtime(session.noticed_at):%Y年%m月%d日}",
        "people": [_person(row) for row in asked],
        "topics": [_topic(number, topic) for number, topic in _numbered(session, noticed=True)],
    }


def _minutes_words(session: AssemblySession) -> dict:
    people = [row for row in people_of(session) if row.state != InvitationState.WITHDRAWN]
    minutes = Minutes.objects.filter(session=session).first()
    return {
        "draft": "" if session.state in CONFIRMED else "（草稿，未经各方确认）",
        "there": [_person(row) for row in people if row.state in WAS_THERE],
        "absent": [_person(row) for row in people if row.state not in WAS_THERE],
        "topics": [_topic(number, topic) for number, topic in _numbered(session)],
        "text": Listing(minutes.text) if minutes else "",
        "parties": [_answer(party, answer) for party, answer in answers_of(session)],
    }


def _numbered(session: AssemblySession, *, noticed: bool = False) -> list[tuple[int, AgendaItem]]:
    topics = [topic for topic in topics_of(session) if topic.on_notice or not noticed]
    return list(enumerate(topics, start=1))


def _person(row: Invitation) -> dict:
    return {"role": str(row.get_role_display()), "who": row.who, "title": row.title}


def _topic(number: int, topic: AgendaItem) -> dict:
    follow_ups = [
        f"{item.title}（{item.owner_unit or item.owner}，{item.due_on:%Y-%m-%d}前）" for item in topic.follow_ups.all()
    ]
    return {
        "number": number, "title": topic.title, "body": Listing(topic.body), "source": str(topic.get_source_display()),
        "discussion": Listing(topic.discussion), "outcome": Listing(outcome_text(topic)), "follow_ups": follow_ups,
    }  # fmt: skip


def _answer(party, answer) -> dict:
    said = "未回复" if answer is None else f"已确认 {timezone.localtime(answer.at):%Y-%m-%d}"
    if answer is not None and not answer.agrees:
        said = f"有异议：{answer.reason}"
    return {"party": party.label, "said": said}
