"""Taking answers in: of residents themselves, and entered by staff from paper or at the door.

One door for all: the way through the questions is judged here (``answers``), the database keeps a person or dwelling to
one sheet. Of an anonymous answer no event is written and nothing names or times who gave it (ADR 0035).
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Dwelling, Role, User
from governance.scoping import Grant
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.models import SheetWay, Survey, SurveyAnswer, SurveyAnswerSheet, SurveyMode, SurveyState
from partners.surveys.answers import judged
from partners.surveys.branching import Given
from partners.surveys.building import SURVEY, figures_of
from partners.surveys.homes import dwellings_asked, dwellings_of, people_of

FORMS = signing.Signer(salt="partners.surveys.form")
LONGEST_FORM = 200
PUBLIC = "public"


def form_token(survey: Survey) -> str:
    """Return a new token of one form of a questionnaire: what is sent with it is taken once."""
    return FORMS.sign(f"{survey.pk}:{uuid4().hex}")


def _nonce_of(survey: Survey, token: str) -> str:
    """Return what a token is kept as. Raises Invalid naming ``form`` for one that is none of this questionnaire."""
    wrong = Invalid(_("Open the questionnaire again: this form is not complete."), field="form", code="invalid")
    if not isinstance(token, str) or len(token) > LONGEST_FORM:
        raise wrong
    try:
        pk, _colon, nonce = FORMS.unsign(token).partition(":")
    except signing.BadSignature as error:
        raise wrong from error
    if pk != str(survey.pk):
        raise wrong
    return hashlib.sha256(nonce.encode()).hexdigest()[:40]


def sheet_submit(survey: Survey, *, actor: User, answers: Mapping, form: str = "", dwelling: Dwelling | None = None,
                 occurred_at: datetime | None = None) -> SurveyAnswerSheet:  # fmt: skip
    """Take what a resident answered. ``actor`` of an anonymous one is not kept; it may be the public.

    ``form``: the token of the form, needed where it is anonymous. ``dwelling``: for which the actor answers, needed
    where they have several. Raises NotPermitted; Conflict (not open; ``answered``); Invalid naming the question.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = Survey.objects.lock(survey.pk)
        if locked.state != SurveyState.OPEN or locked.closes_at <= at:
            raise Conflict(_("This questionnaire is not open."), code="not_open")
        made = SurveyAnswerSheet(survey=locked, area_id=locked.area_id, mode=locked.mode, day=timezone.localdate(at))
        if locked.mode == SurveyMode.ANONYMOUS:
            made.nonce = _nonce_of(locked, form)
        else:
            _named(made, actor, dwelling)
        kept = _kept(locked, made, judge_all(locked, answers))
        if locked.mode != SurveyMode.ANONYMOUS:
            payload = figures_of(locked) | {"way": kept.way, "revision": kept.revision}
            grant = Grant(Role.RESIDENT)
            events.record("survey.answered", locked, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return kept


def _named(made: SurveyAnswerSheet, actor: User, dwelling: Dwelling | None) -> None:
    mine = list(dwellings_of(actor, made.survey)) if actor.is_authenticated and not actor.is_system else []
    if not mine:
        raise NotPermitted(_("This questionnaire is for the residents of another place."))
    if made.mode == SurveyMode.PERSON:
        made.person = actor
        return
    if dwelling is None and len(mine) > 1:
        raise Invalid(_("Say for which dwelling."), field="dwelling", code="required")
    made.dwelling = mine[0] if dwelling is None else next((one for one in mine if one.pk == dwelling.pk), None)
    if made.dwelling is None:
        raise NotPermitted(_("You may not answer for this dwelling."))


def judge_all(survey: Survey, answers: Mapping) -> dict[str, Given]:
    """Return the answers on the way. Raises Invalid naming the first that is wrong, or where nothing is said."""
    found = judged(survey.asked(), answers)
    if found.wrong:
        raise next(iter(found.wrong.values()))
    if not found.answers:
        raise Invalid(_("Nothing was answered."), field="answers", code="empty")
    return found.answers


def _kept(survey: Survey, made: SurveyAnswerSheet, given: dict[str, Given]) -> SurveyAnswerSheet:
    """Store a sheet, or put it in place of the earlier one of the same. Raises Conflict (``answered``)."""
    earlier = None
    if made.mode != SurveyMode.ANONYMOUS:
        same = {"person": made.person, "dwelling": made.dwelling}
        earlier = SurveyAnswerSheet.objects.select_for_update(of=("self",)).filter(survey=survey, **same).first()
    answered = Conflict(_("This was answered already."), code="answered")
    if earlier is not None:
        if not survey.replaceable or survey.state != SurveyState.OPEN or earlier.marks.exists():
            raise answered
        made = _again(earlier, made)
    else:
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError as error:
            raise answered from error
    keys = dict(survey.questions.values_list("key", "pk"))
    SurveyAnswer.objects.bulk_create(_row(made, keys[key], one) for key, one in given.items())
    return made


def _again(earlier: SurveyAnswerSheet, made: SurveyAnswerSheet) -> SurveyAnswerSheet:
    earlier.answers.all().delete()
    earlier.way, earlier.entered_by, earlier.day = made.way, made.entered_by, made.day
    earlier.revision = min(earlier.revision + 1, 999)
    earlier.save()
    return earlier


def _row(sheet: SurveyAnswerSheet, question: int, given: Given) -> SurveyAnswer:
    return SurveyAnswer(
        sheet=sheet, question_id=question, choices=list(given.choices), number=given.number, text=given.text,
        day=given.day, cells=dict(given.cells),
    )  # fmt: skip


@carries_out(SURVEY, "enter")
def sheet_enter(survey: Survey, *, actor: User, answers: Mapping, way: str = SheetWay.PAPER,
                dwelling: Dwelling | None = None, person: User | None = None, form: str = "",
                occurred_at: datetime | None = None, **given) -> SurveyAnswerSheet:  # fmt: skip
    """Enter somebody's answers, from paper or asked at the door; who did is kept.

    ``dwelling`` or ``person``: whose, as the mode needs. ``form``: so that one form is entered once.
    Raises NotPermitted; Conflict (not open for it; ``answered``); Invalid naming what is wrong.
    """
    if way not in (SheetWay.PAPER, SheetWay.DOOR):
        raise Invalid(_("Say how the answers came."), field="way", code="invalid_choice")
    with atomically():
        payload = figures_of(survey) | {"way": way}
        kept = {name: given[name] for name in ("version", "reason") if name in given}
        fresh = perform(survey, "enter", actor=actor, payload=payload, occurred_at=occurred_at, **kept)[0]
        day = timezone.localdate(occurred_at) if occurred_at else timezone.localdate()
        made = SurveyAnswerSheet(survey=fresh, area_id=fresh.area_id, mode=fresh.mode, way=way, entered_by=actor,
                                 day=day, nonce=_nonce_of(fresh, form) if form else "")  # fmt: skip
        _whose(made, dwelling, person)
        return _kept(fresh, made, judge_all(fresh, answers))


def _whose(made: SurveyAnswerSheet, dwelling: Dwelling | None, person: User | None) -> None:
    if made.mode == SurveyMode.DWELLING:
        if dwelling is None or not dwellings_asked(made.survey).filter(pk=dwelling.pk).exists():
            raise Invalid(_("A dwelling of the place is needed."), field="dwelling", code="outside")
        made.dwelling = dwelling
    elif made.mode == SurveyMode.PERSON:
        if person is None or not people_of(made.survey).filter(pk=person.pk).exists():
            raise Invalid(_("A resident of the place with an account is needed."), field="person", code="outside")
        made.person = person
