"""Hot issues: signals of one type and place that are about the same matter, ranked by how many people, how lately.

Texts are compared within type and community (or the larger area, where no community is known) by words and pairs of
characters, each wording once (a text sent round is one, whoever sends it); alike ones become groups, and groups whose
middles are alike become one, until none are. Heat is the sum over distinct people of 1/2 for each two weeks since they
last spoke up. Of whom no hash is known the words stand, as they do for repeats (``prevention.duplicates``): one text
sent round without names is one person, however often it comes. Few words tell nobody: each is one more person.

Of most records nobody said the type, and single ones seldom tell it for sure: those of a place are compared with each
other, and what they are about is judged by all texts of an issue together. Where hardly any tells of a quarrel, it is
no issue of mediation.

Records that led to a dispute are counted; a label quotes none of them, as lists tell no word of a dispute. Where all of
an issue did, its label is the name of its type.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import rjieba
from django.db import connection
from django.db.models import Case, When
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from governance.classify.likeness import PUNCTUATION, Texts, alike, groups
from governance.classify.terms import normalised
from governance.models import Area, AreaKind
from governance.transactions import atomically
from mediation.models import DisputeType, HotIssue, Signal
from mediation.prevention.duplicates import who
from mediation.prevention.guessing import type_of_many

# Weeks that are looked at, days in which heat halves, and the fewest people of an issue [J].
WINDOW, HALF, LEAST_PEOPLE = 90, 14, 3
# Middles of groups this alike are one matter; found on the real messages of ``../shared/data`` [J].
ONE_MATTER = 0.42
# Terms of at most so many texts find texts that are alike: a matter may have as many people. What it takes grows with
# their number times that of the texts [J].
MOST_SHARED = 1000
# So much of a text is compared: what it is about stands first. Of one type and place the newest so many.
HEAD, MOST_TEXTS = 150, 4000
LONGEST_LABEL = 40
PERSON = "nr"  # jieba's tag of persons' names
SAID = frozenset((
    "您好", "谢谢", "咨询", "投诉", "反映", "有关", "部门", "相关", "领导", "你好", "请求", "严重", "影响", "希望",
    "问题", "情况", "解决",
))  # fmt: skip


@dataclass(frozen=True)
class Issue:
    """Texts (by their place in the list) that are about one matter. ``label`` is None where none may be quoted."""

    members: tuple[int, ...]
    label: str | None


class Record(NamedTuple):
    """A signal of the last weeks. ``words``: the digest of what it says; ``dispute``: the one it led to, whose words no
    list tells."""

    pk: int
    said_on: date
    caller: str
    words: str
    dispute: int | None
    text: str

    @property
    def person(self) -> str | int:
        """By what somebody is known, else the record itself."""
        return who(self.caller, self.words) or self.pk


def issues_of(texts: Sequence[str], unquoted: Collection[int] = ()) -> list[Issue]:
    """Group texts of one type and place; those that are alone are no issue. ``unquoted``: the places of texts that
    count, but of which no label tells words."""
    told = [text[:HEAD] for text in texts]
    holds: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(told):
        holds[PUNCTUATION.sub("", normalised(text))].append(place)
    places = list(holds.values())
    # Where one matter is all that people speak of, its words are to tell more than the number of somebody's door.
    known = Texts([told[same[0]] for same in places], beside=MOST_TEXTS)
    found = groups(alike(known, min(len(places), MOST_SHARED)))
    alone = set(range(len(places))).difference(*found)
    found += [[row] for row in sorted(alone) if len(places[row]) > 1]
    made = []
    for rows in _joined(found, known, [len(same) for same in places]):
        members = sorted((place, row) for row in rows for place in places[row])
        made.append(Issue(tuple(place for place, _row in members), label_of(members, known, told, unquoted)))
    return made


def _joined(found: list[list[int]], known: Texts, times: Sequence[int]) -> list[list[int]]:
    """Join groups whose middles are alike, until none are. ``times``: how often each wording was said."""
    while len(found) > 1:
        rows = np.repeat(np.arange(len(found)), [len(group) for group in found])
        flat = np.concatenate(found)
        shape = (len(found), known.matrix.shape[0])
        middles = sparse.csr_matrix((np.array(times, float)[flat], (rows, flat)), shape=shape) @ known.matrix
        length = np.sqrt(np.asarray(middles.multiply(middles).sum(axis=1)).ravel())
        middles = sparse.diags_array(1 / np.where(length, length, 1)).tocsr() @ middles
        number, of = connected_components((middles @ middles.T) >= ONE_MATTER, directed=False)
        if number == len(found):
            break
        found = [sorted(row for group in np.flatnonzero(of == one) for row in found[group]) for one in range(number)]
    return found


def label_of(members: Sequence[tuple[int, int]], known: Texts, texts: Sequence[str],
             unquoted: Collection[int] = ()) -> str | None:  # fmt: skip
    """Return the words that most of the texts share, as the text nearest their middle says them of those that may be
    quoted; no names of persons. None where none may be. ``members``: each text's place, and its row of ``known``."""
    quoted = [(place, row) for place, row in members if place not in unquoted]
    if not quoted:
        return None
    rows = [row for _place, row in members]
    middle = known.matrix[rows].sum(axis=0)
    nearest = int(np.asarray(middle @ known.matrix[[row for _place, row in quoted]].T).ravel().argmax())
    tagged = rjieba.tag(normalised(texts[quoted[nearest][0]]))
    shared = set(known.in_common(*rows)) - SAID
    words, last = [], -2
    for place, (word, tag) in enumerate(tagged):
        if word in shared and not tag.startswith(PERSON):
            shared.discard(word)
            words.append(word if last != place - 1 else words.pop() + word)
            last = place
    return " ".join(words)[:LONGEST_LABEL]


def heat_of(days: Sequence[int]) -> float:
    """Return the heat of an issue from how many days ago each of its people last spoke up."""
    return round(sum(0.5 ** (ago / HALF) for ago in days), 3)


def issues_work_out(day: date) -> int:
    """Work out the hot issues of the last weeks anew; return how many there are."""
    first = day - timedelta(days=WINDOW - 1)
    rows = Signal.objects.filter(event_date__range=(first, day)).exclude(text="")
    heaps = defaultdict(list)
    communities = set(Area.objects.filter(kind=AreaKind.COMMUNITY).values_list("pk", flat=True))
    said = Case(When(type_guessed=False, then="type_id"))
    columns = (said, "area_id", "area__path", "pk", "event_date", "complainant", "text_digest", "hazard__dispute",
               "text")  # fmt: skip
    for type_id, area_id, path, *record in rows.order_by("-event_date", "-pk").values_list(*columns):
        heaps[type_id, _community(area_id, path, communities)].append(Record(*record))
    types = DisputeType.objects.in_bulk()
    made = [
        row for (type_id, area_id), heap in heaps.items()
        for row in _rows(type_id, area_id, heap[:MOST_TEXTS], day, types)
    ]  # fmt: skip
    made.sort(key=lambda row: row[0].heat)  # the newest number is the hottest: doors that page by it
    with atomically(), connection.cursor() as cursor:
        # Two runs at once would each leave the issues of the other standing.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('mediation.hot_issues', 0))")
        HotIssue.objects.all().delete()
        kept = HotIssue.objects.bulk_create([issue for issue, _signals in made])
        links = [(issue.pk, pk) for issue, (_same, signals) in zip(kept, made, strict=True) for pk in signals]
        through = HotIssue.signals.through
        through.objects.bulk_create(through(hotissue_id=issue, signal_id=signal) for issue, signal in links)
    return len(made)


def _community(area_id: int, path: str, communities: Collection[int]) -> int:
    """Return the community an area is or lies in, else the area."""
    lineage = [int(key) for key in path.strip("/").split("/")]
    return next((key for key in lineage if key in communities), area_id)


def _rows(type_id: int | None, area_id: int, heap: list[Record], day: date,
          types: dict[int, DisputeType]) -> list[tuple[HotIssue, list[int]]]:  # fmt: skip
    found = []
    in_use = {row.code: row for row in types.values() if row.is_active}
    disputed = {place for place, record in enumerate(heap) if record.dispute is not None}
    for issue in issues_of([record.text for record in heap], disputed):
        told = [heap[place] for place in issue.members]
        latest: dict[str | int, date] = {}
        for record in told:
            latest[record.person] = max(record.said_on, latest.get(record.person, record.said_on))
        if len(latest) < LEAST_PEOPLE or issue.label == "":
            continue
        about = types[type_id] if type_id else type_of_many([record.text for record in told], in_use)
        if about is None:
            continue
        days = [record.said_on for record in told]
        found.append((
            HotIssue(
                area_id=area_id, type=about, label=issue.label or about.name[:LONGEST_LABEL], people=len(latest),
                records=len(told), first_day=min(days), last_day=max(days), made_on=day,
                heat=heat_of([(day - said_on).days for said_on in latest.values()]),
            ),
            [record.pk for record in told],
        ))  # fmt: skip
    return found
