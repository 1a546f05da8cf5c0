"""Writes of dispatch rules beside their form: a dry run, and switching on and off."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import DispatchRule, RuleTrial, UnitPart
from cases.rules.content import CONDITIONS, content_of, digest_of
from cases.rules.trials import try_out
from governance import events
from governance.configuration import configuration_grant
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import OrgUnit, User
from governance.transactions import atomically
from governance.workflow import carries_out, perform

USUAL_DAYS, MOST_DAYS = 30, 365


def loaded(pk: int) -> DispatchRule:
    """Return a rule with all that matching and its page read."""
    return DispatchRule.objects.with_conditions().with_rows().get(pk=pk)


def rule_try(rule: DispatchRule, *, actor: User, days: int = USUAL_DAYS) -> RuleTrial:
    """Run a rule over the cases of the last ``days`` (1 to 365) without touching them, and keep what it found.

    Raises NotPermitted, or Invalid naming what the rule still lacks.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(_("Give 1 to 365 days."), field="days", code="out_of_range")
    with atomically():
        DispatchRule.objects.lock(rule.pk)  # the content must not change under the trial
        fresh = loaded(rule.pk)
        grant = configuration_grant(fresh, "change", actor)
        if grant is None:
            raise NotPermitted(_("You may not change this: it is not yours or lies outside your area."))
        check_whole(fresh)
        now = timezone.now()
        found = try_out(fresh, days=days, now=now)
        content = content_of(fresh)
        trial = RuleTrial.objects.create(
            rule=fresh, content=content, digest=digest_of(content), days=days, considered=found.considered,
            cut=found.cut, differing=_named(found.differing), run_at=now, run_by=actor,
            **{name: found.counts[name] for name in COUNTS},
        )  # fmt: skip
        payload = {"code": fresh.code, "trial": trial.pk, "days": days, "considered": found.considered}
        payload |= {name: found.counts[name] for name in COUNTS}
        events.record("rule.tried", fresh, actor=actor, grant=grant, payload=payload, occurred_at=now)
    return trial


COUNTS = ("matched", "same", "other", "unled", "unresolved", "earlier")


def _named(differing: list[tuple[int, int, int]]) -> list[dict]:
    """Return the cases that would have gone elsewhere with the units' codes: they are kept for long."""
    units = OrgUnit.objects.in_bulk({unit for _case, *both in differing for unit in both})
    return [{"case": case, "unit": units[has].code, "rule": units[its].code} for case, has, its in differing]


def check_whole(rule: DispatchRule) -> None:
    """Raise Invalid unless the rule says who leads and states a condition beside its area."""
    if not any(row.part == UnitPart.LEAD for row in rule.units.all()):
        raise Invalid(_("The rule names no lead unit."), field="units", code="required")
    if not rule.categories.all() and not any(getattr(rule, name) for name in CONDITIONS):
        raise Invalid(_("The rule states no condition: it would take every case."), field="categories", code="required")


def newest_trial(rule: DispatchRule) -> RuleTrial | None:
    """Return the newest dry run of a rule."""
    return rule.trials.select_related("run_by").first()


def is_tried(rule: DispatchRule) -> bool:
    """Tell whether the newest trial is of the rule's present content; one statement beside the rule's own rows."""
    digest = rule.trials.values_list("digest", flat=True).first()
    return digest is not None and digest == digest_of(content_of(rule))


@carries_out("cases.dispatchrule", "switch_on")
def rule_switch_on(rule: DispatchRule, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
                   photos=()) -> DispatchRule:  # fmt: skip
    """Let a rule decide from now on. Raises Conflict until it was tried as it is now, Invalid while it lacks something.

    The event names the trial that was looked at, which keeps the rule's content.
    """
    at = occurred_at or timezone.now()
    with atomically():
        DispatchRule.objects.lock(rule.pk)
        fresh = loaded(rule.pk)
        payload = {"code": fresh.code, "trial": None}
        if configuration_grant(fresh, "change", actor) is not None:  # who may not is told that, by perform
            check_whole(fresh)
            if not is_tried(fresh):
                raise Conflict(_("Try the rule on past cases first: it was not tried as it is now."), code="not_tried")
            payload["trial"] = newest_trial(fresh).pk
        return perform(
            rule, "switch_on", actor=actor, version=version, reason=reason, occurred_at=at, payload=payload,
            switched_at=at,
        )[0]  # fmt: skip


@carries_out("cases.dispatchrule", "switch_off")
def rule_switch_off(rule: DispatchRule, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
                    photos=()) -> DispatchRule:  # fmt: skip
    """Let a rule decide no more; dispatches it made stay."""
    at = occurred_at or timezone.now()
    payload = {"code": rule.code}
    return perform(
        rule, "switch_off", actor=actor, version=version, reason=reason, occurred_at=at, payload=payload,
        switched_at=at,
    )[0]  # fmt: skip
