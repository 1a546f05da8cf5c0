"""Which scenes a fact counts for: those in use that group its category and whose area holds it; several, or none.

Of facts as they stand the grouping of now says it, read once for a question. Facts that a period keeps hold the scenes
they counted for when it was computed (``FrozenSpellFact.scenes``), so that regrouping never changes a frozen figure.
"""

from collections import defaultdict
from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Case, F, Func, Model, Q, QuerySet, Value, When

from cases.models import CaseCategory, Scene, SceneCategory

KEPT = "scenes"
KEYS = ArrayField(BigIntegerField())


class EachScene(Func):
    """One row for each key of an array, one with NULL for an empty one."""

    template = "unnest(coalesce(nullif(%(expressions)s, '{}'), ARRAY[NULL]::bigint[]))"
    set_returning = True
    output_field = BigIntegerField(null=True)


class Scenes:
    """The scenes as they group now, read when first needed."""

    @cached_property
    def conditions(self) -> dict[int, Q]:
        """The condition of facts by the key of each scene in use, in their order; three statements."""
        named, children = defaultdict(set), defaultdict(set)
        for scene, category in SceneCategory.objects.order_by().values_list("scene_id", "category_id"):
            named[scene].add(category)
        parents = CaseCategory.objects.filter(parent__in={key for keys in named.values() for key in keys})
        for category, parent in parents.order_by().values_list("pk", "parent_id"):
            children[parent].add(category)
        return {
            scene: Q(
                category__in=sorted(named[scene] | {child for key in named[scene] for child in children[key]}),
                area__path__startswith=path,
            )
            for scene, path in Scene.objects.in_use().values_list("pk", "area__path")
        }

    def array(self, facts: type[Model]) -> Func | F:
        """Return the keys of a fact's scenes, in their order, as an expression over facts of this kind."""
        if any(field.name == KEPT for field in facts._meta.fields):
            return F(KEPT)
        whens = [Case(When(found, then=Value(scene))) for scene, found in self.conditions.items()]
        return Func(*whens, template="array_remove(ARRAY[%(expressions)s]::bigint[], NULL)", output_field=KEYS)

    def keyed(self, facts: QuerySet) -> QuerySet:
        """Add ``key``: one row a fact and scene, one with None for a fact of no scene."""
        return facts.annotate(key=EachScene(self.array(facts.model)))

    def held(self, facts: QuerySet, key: int | None) -> QuerySet:
        """Return the facts of a scene, or those of none."""
        within = facts.annotate(held_by=self.array(facts.model))
        return within.filter(held_by=[]) if key is None else within.filter(held_by__contains=[key])
