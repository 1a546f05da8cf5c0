"""Needs that are alike, in one community and category: side by side with a merge button; nothing is merged by itself.

Groups stand in the order of how many different people or dwellings raised them, then of the latest one.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.classify.likeness import Texts, alike, groups, likes_of
from governance.models import Area
from partners.models import Need, NeedCategory, NeedRaiser
from partners.needs.residents import community_of

# The newest open needs of a community that are compared [J].
MOST_COMPARED = 5_000
MOST_SHOWN = 8


@dataclass(frozen=True)
class NeedLike:
    """Another need like one: how alike (0-1), and the words in common."""

    need: Need
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class NeedGroupFound:
    """Needs that are alike. ``label`` is the one most like all others, ``voices`` how many different people or
    dwellings raised them, ``latest`` when the last one was raised."""

    label: str
    category: NeedCategory
    needs: tuple[Need, ...]
    words: tuple[str, ...]
    voices: int
    latest: datetime


def _open_in(community: Area):
    rows = Need.objects.open().filter(area__path__startswith=community.path)
    return rows.order_by("-id")


def text_of(title: str, description: str) -> str:
    """Return what is compared of a need: its title weighs by standing there besides what is said of it."""
    return f"{title} {description}".strip()


def similar_to(need: Need, user) -> list[NeedLike]:
    """Return the open needs most like one, of its community and category, as far as ``user`` sees them."""
    rows = _open_in(community_of(need.area)).of_staff(user).filter(category=need.category_id).exclude(pk=need.pk)
    found = list(rows.values_list("pk", "title", "description")[: MOST_COMPARED - 1])
    texts = Texts([text_of(need.title, need.description), *(text_of(*row[1:]) for row in found)])
    likes = likes_of(0, texts)[:MOST_SHOWN]
    loaded = Need.objects.with_rows().in_bulk([found[like.other - 1][0] for like in likes])
    return [
        NeedLike(loaded[found[like.other - 1][0]], like.score, texts.in_common(0, like.other)) for like in likes
    ]  # fmt: skip


def groups_of(community: Area, user, category: NeedCategory | None = None) -> list[NeedGroupFound]:
    """Return the groups of open needs of a community that are alike, those most people raised first.

    Needs of the newest ``MOST_COMPARED`` that ``user`` sees; about seven statements for any number.
    """
    rows = _open_in(community).of_staff(user)
    if category is not None:
        rows = rows.filter(category=category)
    by_category: dict[int, list[tuple]] = defaultdict(list)
    for pk, kind, title, description in rows.values_list("pk", "category_id", "title", "description")[:MOST_COMPARED]:
        by_category[kind].append((pk, text_of(title, description)))
    found = [group for kind in sorted(by_category) for group in _grouped(by_category[kind])]
    loaded = Need.objects.with_rows().in_bulk([pk for group in found for pk in group[0]])
    voices = _voices([pk for group in found for pk in group[0]])
    told = [_told([loaded[pk] for pk in ids], label, words, voices) for ids, label, words in found]
    return sorted(told, key=lambda group: (-group.voices, -group.latest.timestamp(), group.needs[0].pk))


def _grouped(rows: Sequence[tuple[int, str]]) -> list[tuple[list[int], int, tuple[str, ...]]]:
    """Return of each group in one category the ids, the id of the one most like the others, the words in common."""
    texts = Texts([text for _pk, text in rows])
    pairs = alike(texts)
    told = []
    for members in groups(pairs):
        inside = set(members)
        near = dict.fromkeys(members, 0.0)
        for pair in pairs:
            if pair.one in inside and pair.other in inside:
                near[pair.one] += pair.score
                near[pair.other] += pair.score
        middle = max(members, key=lambda place: (near[place], rows[place][0]))
        told.append(([rows[place][0] for place in members], rows[middle][0], texts.in_common(*members)))
    return told


def _told(needs: list[Need], label: int, words: tuple[str, ...], voices: dict[int, set]) -> NeedGroupFound:
    heard = set().union(*(voices.get(need.pk, {("need", need.pk)}) for need in needs))
    title = next(need.title for need in needs if need.pk == label)
    return NeedGroupFound(title, needs[0].category, tuple(needs), words, len(heard),
                          max(need.raised_at for need in needs))  # fmt: skip


def _voices(ids: Sequence[int]) -> dict[int, set[tuple]]:
    """Return of each need who raised it and those merged into it: a dwelling, an account or a phone counts once; a
    need of which nobody is known counts by itself."""
    found: dict[int, set[tuple]] = defaultdict(set)
    merged = dict(Need.objects.filter(merged_into__in=ids).values_list("pk", "merged_into_id"))
    of = merged | {pk: pk for pk in ids}
    known = set()
    rows = NeedRaiser.objects.filter(need__in=list(of)).values_list("need_id", "dwelling_id", "user_id", "phone")
    for need, dwelling, user, phone in rows:
        voice = [("home", dwelling), ("user", user), ("phone", phone)]
        said = next((pair for pair in voice if pair[1]), None)
        if said is not None:
            known.add(need)
            found[of[need]].add(said)
    for pk, head in of.items():
        if pk not in known:
            found[head].add(("need", pk))
    return found
