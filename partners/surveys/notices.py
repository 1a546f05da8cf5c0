"""What notices may say about questionnaires, and who is told what: residents of the place, and who has not answered."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.models import NoticeTemplate, Ownership, Residency, User
from governance.notices import Parties, notice_context, notify
from governance.notices.telling import moment
from governance.scoping import read_grants, remembered
from partners.models import Survey, SurveyMode
from partners.surveys.homes import dwellings_asked, people_of

TOLD_OF = {"survey.opened": "survey_opened", "survey.published": "survey_published"}
MANY = 500  # people told at a time


@notice_context(
    "partners.survey",
    variables={"title": _("title"), "area": _("area"), "place": _("for the residents of"), "closes": _("closes"),
               "state": _("state")},
    rows=lambda: Survey.objects.with_rows(),
    parties=lambda survey: Parties({"lead": [survey.unit_id]}),
)  # fmt: skip
def survey_words(survey: Survey, *, public: bool) -> dict:
    """Return a questionnaire in texts; residents read their own page of it."""
    page, args = "admin:partners_survey_change", [survey.pk]
    if public:
        page, args = "residents_surveys:survey", [survey.code]
    return {
        "title": survey.title, "area": survey.area.name, "place": survey.for_text, "closes": moment(survey.closes_at),
        "state": survey.get_state_display(), "url": reverse(page, args=args),
    }  # fmt: skip


def _told(people, key: str, survey: Survey, *, besides: int | None) -> None:
    """Tell people by a template, some hundreds at a time; a place that has removed the template tells nobody."""
    if not NoticeTemplate.objects.filter(key=key).exists():
        return
    rows = people.exclude(pk=besides) if besides else people
    found = list(rows)
    for start in range(0, len(found), MANY):
        some = found[start : start + MANY]
        _know_homes(some)
        notify(some, key, subject=survey)


def _know_homes(people: Sequence[User]) -> None:
    """Read roles and homes of many at once: whether each may see it is asked of each."""
    read_grants(people)
    homes: dict[int, tuple[set, set]] = {user.pk: (set(), set()) for user in people}
    for model in (Residency, Ownership):
        rows = model.objects.filter(user__in=people, state="verified").order_by()
        for user, estate, path in rows.values_list("user_id", "dwelling__building__estate_id", "dwelling__area__path"):
            homes[user][0].add(estate)
            homes[user][1].update(int(part) for part in path.strip("/").split("/"))
    for user in people:
        remembered(user, "partners.surveys.homes", lambda user=user: homes[user.pk])


@on(*TOLD_OF)
def told_to_residents(event, survey: Survey) -> None:
    """Tell the residents of the place that it is open, or that there are results."""
    _told(people_of(survey), TOLD_OF[event.name], survey, besides=event.actor_id)


@on("survey.reminded")
def told_to_the_silent(event, survey: Survey) -> None:
    """Remind the people, or the people of the dwellings, of whom there is no answer; never where it is anonymous."""
    if survey.mode == SurveyMode.ANONYMOUS:
        return
    if survey.mode == SurveyMode.PERSON:
        people = people_of(survey).exclude(pk__in=survey.sheets.order_by().values("person_id"))
    else:
        silent = dwellings_asked(survey).exclude(pk__in=survey.sheets.order_by().values("dwelling_id"))
        people = people_of(survey, dwellings=silent)
    _told(people, "survey_reminded", survey, besides=None)
