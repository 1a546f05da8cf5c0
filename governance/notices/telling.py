"""Writing notices: words in each reader's language, rows for people, messages for phones and groups."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter

from django.conf import settings
from django.db import models
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.timezone import localtime

from governance import events as registry
from governance.models import Delivery, Notice, NoticeTemplate, User
from governance.models.notice import Reach, Urgency
from governance.notices import wording
from governance.notices.contexts import context_of
from governance.notices.preferences import preferences_of, reach
from governance.notices.recipients import Match, Told, may_see, phone_channel

TITLE, BODY = 200, 2000


@dataclass(frozen=True)
class Words:
    """A notice as somebody reads it; ``path`` is the address within the product."""

    title: str
    body: str
    path: str

    @property
    def outside(self) -> str:
        """The text as it leaves the product: with the whole address of the page, which a notice has as its link."""
        whole = absolute(self.path)
        return self.body if not whole or whole in self.body else f"{self.body}\n{whole}".strip()


class Writer:
    """Fills templates in; the same words for the same event, language and kind of reader are made once."""

    def __init__(self, keys: Collection[str]):
        rows = NoticeTemplate.objects.filter(key__in=keys)
        self._templates = {(row.key, row.language): row for row in rows}
        self._made: dict[tuple, Words | None] = {}

    def template(self, key: str, language: str) -> NoticeTemplate | None:
        """Return a template in a language, or else in the installation's own."""
        return self._templates.get((key, language)) or self._templates.get((key, settings.LANGUAGE_CODE))

    def words(self, match: Match, language: str, *, public: bool) -> Words | None:
        """Return what is told about a match; None without a template that speaks about such an object."""
        key = match.event.pk, match.rule.template, language, public
        if key not in self._made:
            template = self.template(match.rule.template, language)
            fits = template is not None and template.context == match.context.name
            self._made[key] = self._filled(match, template, language, public) if fits else None
        return self._made[key]

    def _filled(self, match: Match, template: NoticeTemplate, language: str, public: bool) -> Words:
        with translation.override(language):
            values = {
                "event": registry.label_of(match.event.name),
                "at": moment(match.event.occurred_at),
                **match.context.words(match.obj, public=public),
            }
            return fill(template, values)


def moment(at) -> str:
    """Write a time as notices do, in the language of the reader."""
    return date_format(localtime(at, timezone.get_default_timezone()), "m-d H:i") if at else ""


def fill(template: NoticeTemplate, values: Mapping) -> Words:
    """Fill a template in; ``values["url"]`` is a path and appears in the text as a whole address."""
    path = str(values.get("url") or "")
    values = dict(values) | {"url": absolute(path)}
    return Words(
        " ".join(wording.rendered(template.title, values, longest=TITLE).split()),
        wording.rendered(template.body, values, longest=BODY),
        path,
    )


def absolute(path: str) -> str:
    """Return the whole address of a page, as a message outside the product needs it."""
    return f"{settings.WEB_ORIGINS[0].rstrip('/')}{path}" if path and settings.WEB_ORIGINS else path


def write(found: Told, writer: Writer, *, without: Collection[tuple[int, int]] = ()) -> list[Notice]:
    """Store notices and messages for everybody in ``found`` but the (event, person) pairs ``without``; return them.

    Call it in the transaction that moves the cursor.
    """
    preferences = preferences_of([found.users[user_id] for _event_id, user_id in found.people])
    notices, phones = [], []
    for (event_id, user_id), match in sorted(found.people.items(), key=itemgetter(0)):
        user, preference = found.users[user_id], preferences[user_id]
        far = reach(preference, match.rule)
        words = writer.words(match, preference.language, public=not user.is_staff)
        if (event_id, user_id) in without or far == Reach.OFF or words is None:
            continue
        notice = Notice(
            person=user, event=match.event, rule=match.rule, title=words.title, body=words.body, url=words.path,
            urgency=match.rule.urgency,
        )  # fmt: skip
        notices.append(notice)
        channel = phone_channel(user, match.area, found) if far == Reach.PHONE else None
        if channel is not None:
            phones.append((notice, channel, words))
    Notice.objects.bulk_create(notices)
    Delivery.objects.bulk_create([_to_phone(*phone) for phone in phones])
    Delivery.objects.bulk_create(_to_groups(found, writer))
    return notices


def _to_phone(notice: Notice, channel, words: Words) -> Delivery:
    return Delivery(
        notice=notice, channel=channel, event=notice.event, title=words.title, body=words.outside,
        urgency=notice.urgency,
    )  # fmt: skip


def _to_groups(found: Told, writer: Writer) -> Iterable[Delivery]:
    events = {match.event.pk for match in found.channels.values()}
    rows = Delivery.objects.filter(event__in=events, notice=None).values_list("event_id", "channel_id")
    given = set(rows) if events else set()
    for (event_id, channel_id), match in found.channels.items():
        words = writer.words(match, settings.LANGUAGE_CODE, public=False)
        if words is None or (event_id, channel_id) in given:
            continue
        yield Delivery(
            channel_id=channel_id, event=match.event, title=words.title, body=words.outside, urgency=match.rule.urgency
        )


def notify(
    people: Iterable[User],
    template_key: str,
    *,
    subject: models.Model,
    context: Mapping | None = None,
    urgency: str = Urgency.NORMAL,
) -> list[Notice]:
    """Tell ``people`` in the product about ``subject``, inside the caller's transaction; return the notices made.

    Whoever may not see the subject is not told. ``context`` gives values for variables that the subject's notice
    context declares, over what it works out itself. Raises ValueError for a subject without a context, an undeclared
    variable, or a key without a template about such a subject.
    """
    about = context_of(subject._meta.label_lower)
    if about is None:
        raise ValueError(f"nothing is registered that notices may say about {subject._meta.label_lower}")
    if unknown := set(context or ()) - set(about.variables):
        raise ValueError(f"undeclared variables: {', '.join(sorted(unknown))}")
    writer = Writer([template_key])
    told = [user for user in people if user.is_active and not user.is_system and may_see(user, subject)]
    preferences = preferences_of(told)
    notices = []
    for user in told:
        template = writer.template(template_key, preferences[user.pk].language)
        if template is None or template.context != about.name:
            raise ValueError(f"no template {template_key} speaks about {about.name}")
        with translation.override(preferences[user.pk].language):
            now = {"at": moment(timezone.now())}
            words = fill(template, now | about.words(subject, public=not user.is_staff) | dict(context or {}))
        notices.append(Notice(person=user, title=words.title, body=words.body, url=words.path, urgency=urgency))
    return Notice.objects.bulk_create(notices)


def notify_if_kept(
    people: Iterable[User], template_key: str, *, subject: models.Model, context: Mapping | None = None
) -> list[Notice]:
    """As ``notify``; a place that has removed the template tells nobody. For what events bring about by themselves."""
    people = list(people)
    if not people or not NoticeTemplate.objects.filter(key=template_key).exists():
        return []
    return notify(people, template_key, subject=subject, context=context)
