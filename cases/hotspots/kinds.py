"""Which cases a question is about, by their categories: those of a class, a sub-class, a scene, or of both."""

from dataclasses import dataclass

from cases.models import CaseCategory, Scene


@dataclass(frozen=True)
class Kinds:
    """Ids of whole ``classes`` (with all their sub-classes) and of single sub-``categories`` of others, by their class.

    No case is of two of them. Nothing in either: no case at all.
    """

    classes: tuple[int, ...] = ()
    categories: tuple[tuple[int, int], ...] = ()

    @property
    def singles(self) -> list[int]:
        """Ids of the single sub-classes."""
        return [key for key, _parent in self.categories]

    @property
    def keys(self) -> list[int]:
        """Ids of all of them; together they count each case once."""
        return [*self.classes, *self.singles]

    def holds(self, category: CaseCategory) -> bool:
        """Whether all cases of a category are among them."""
        return category.pk in self.keys or category.parent_id in self.classes

    def within(self, category: CaseCategory) -> "Kinds":
        """Return what of them lies in a category."""
        if self.holds(category):
            return kinds_of(category)
        return Kinds(categories=tuple(row for row in self.categories if row[1] == category.pk))


def kinds_of(category: CaseCategory) -> Kinds:
    """Return a class with its sub-classes, or a sub-class."""
    if category.parent_id is None:
        return Kinds(classes=(category.pk,))
    return Kinds(categories=((category.pk, category.parent_id),))


def kinds_asked(category: CaseCategory | None, scene: Scene | None) -> Kinds | None:
    """Return the kinds that lie in both, None for all cases; one statement for a scene, as it groups now."""
    if scene is None:
        return category and kinds_of(category)
    named = list(scene.categories.order_by("category_id").values_list("category_id", "category__parent_id"))
    classes = tuple(key for key, parent in named if parent is None)
    whole = Kinds(classes, tuple(row for row in named if row[1] is not None and row[1] not in classes))
    return whole if category is None else whole.within(category)
