"""Side by side: a case and those it likely repeats, with one button to merge."""

from cases.admin.looks import TONES, page_url, place_of
from cases.duplicates import Likeness, likely_duplicates
from cases.models import Case
from cases.timeline import timeline_of
from governance.attachments import attachments_of
from governance.workflow import available

PHOTOS_SHOWN = 4


def sides_of(case: Case, user) -> dict:
    """Return what the page shows: the case itself, and each candidate with how it is alike."""
    likely = likely_duplicates(case, user)
    may = any(step.name == "merge" for step in available(case, user))
    return {
        "this": _side(case),
        "others": [_side(row.case) | {"likeness": _told(row), "may_merge": may} for row in likely],
        "may_merge": may,
    }


def _side(case: Case) -> dict:
    photos = attachments_of(case).filter(content_type__startswith="image/").order_by("uploaded_at")[:PHOTOS_SHOWN]
    return {
        "case": case,
        "url": page_url(case),
        "tone": TONES[case.state],
        "place": place_of(case),
        "photos": [{"url": f"/files/{photo.pk}/", "content_type": photo.content_type} for photo in photos],
        "steps": len(timeline_of(case)),
    }


def _told(row: Likeness) -> dict:
    return {
        "metres": None if row.metres is None else round(row.metres),
        "hours": round(row.hours, 1),
        "words": round(row.words * 100),
        "same_category": row.same_category,
        "share": round(row.score * 100),
    }
