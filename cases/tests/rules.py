"""What the tests of rules, scenes and the review queue share."""

from contextlib import contextmanager
from dataclasses import dataclass

from cases.dispatch import by_text
from cases.models import DispatchRule, RuleCategory, RuleUnit, Scene, SceneCategory, SceneUnit
from cases.rules.services import rule_try
from governance.workflow import act


def a_rule(city, code="r-1", *, lead=None, role="", categories=(), parts=(), **given) -> DispatchRule:
    """Make a draft; ``parts`` are (part, unit). Without a lead or role the water unit leads."""
    fields = {"name": f"规则{code}", "area": city.city} | given
    rule = DispatchRule.objects.create(code=code, **fields)
    RuleCategory.objects.bulk_create(RuleCategory(rule=rule, category=one) for one in categories)
    leading = {"role_name": role} if role else {"unit": lead or city.water}
    rows = [RuleUnit(rule=rule, part="lead", **leading)]
    rows += [RuleUnit(rule=rule, part=part, unit=unit) for part, unit in parts]
    RuleUnit.objects.bulk_create(rows)
    return rule


def switched_on(city, rule: DispatchRule) -> DispatchRule:
    """Try a rule and switch it on, as an administrator does."""
    rule_try(rule, actor=city.user("administrator"))
    return act(rule, "switch_on", actor=city.user("administrator"))


def a_scene(city, code="works", *, categories=(), units=(), **given) -> Scene:
    scene = Scene.objects.create(code=code, **({"name": f"场景{code}", "area": city.city} | given))
    SceneCategory.objects.bulk_create(SceneCategory(scene=scene, category=one) for one in categories)
    SceneUnit.objects.bulk_create(SceneUnit(scene=scene, unit=unit, position=place) for place, unit in enumerate(units))
    return scene


@dataclass(frozen=True)
class Said:
    """What a text model says, as the hub reads it."""

    label: str
    confidence: float = 0.9
    runner_up: str = ""
    runner_up_confidence: float = 0.05
    passes: bool = True
    acts_alone: bool = False
    model_version: str = "test-1"


@contextmanager
def text_model(**says: Said):
    """Let a text model say ``says[target]`` about every text; nothing about the other targets."""
    before = list(by_text._models)
    by_text.reads_text(lambda text, *, target: says.get(target))
    try:
        yield
    finally:
        by_text._models[:] = before
