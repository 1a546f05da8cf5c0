"""Who may be shown what: the table "Who sees what" (domain/mediation.md), told of the people and disputes of the scene.

Whoever is not named here reads nothing, of no dispute, at no door.
"""

from django.apps import apps
from django.db.models import ForeignKey

from mediation.models import Dispute
from mediation.tests.scene import Scene

LISTS, PAGES, EXPORTS = "lists", "pages", "exports"
WORDS = {"title", "facts", "claim", "amount", "agreement", "record", "recusal", "police", "reason", "briefing", "task",
         "other_task", "answer", "former_answer", "result", "former_result", "place", "summary", "attempt",
         "file"}  # fmt: skip
# What doors show to those who read a dispute: lists and exports no words (an export tells the amount), pages the words,
# and parties masked.
OF_READERS = {LISTS: set(), PAGES: WORDS, EXPORTS: {"amount"}}
VILLAGE = {"general", "complex", "major", "violent", "onsite"}
# Who reads which dispute: the village its own, also after handing up; the township complex and major ones; the county
# major ones; who mediates on site that one.
READS_OF = {
    "village_mediator": VILLAGE, "colleague": VILLAGE, "outside_village_mediator": {"foreign"},
    "township_mediator": {"complex", "major"}, "county_centre": {"major"}, "grid_worker": {"onsite"},
}  # fmt: skip
# Of which disputes somebody knows number, type, tier, state and dates: the masked list of the own street.
MASKED = {"township_mediator": {"general", "violent", "onsite"}, "outside_township_mediator": {"foreign"}}
ALL = {*VILLAGE, "foreign"}
# Which rows of a dispute somebody sees who does not read the dispute.
BESIDES = {
    "mediation.disputeaccess": {
        "township_mediator": VILLAGE, "county_centre": ALL, "administrator": ALL, "outside_administrator": {"foreign"},
        "outside_township_mediator": {"foreign"},
    },
    "mediation.judicialconfirmation": {"judges_clerk": {"general"}},
    "mediation.track": {"police_department": {"general", "complex"}, "judges_clerk": {"complex"}},
    "mediation.disputefile": {"police_department": {"general"}, "judges_clerk": {"general"}},
    "mediation.departmenttask": {"joint_department": {"general", "major"}, "outside_joint_department": {"major"}},
    "mediation.formerresult": {"police_department": {"general"}},
    "mediation.formeranswer": {"joint_department": {"general"}},
    "mediation.escalationrequest": {"township_mediator": {"general"}},
    "mediation.helperinvitation": {"respected_helper": {"general"}},
    "mediation.counsellingreferral": {"counsellor": {"general"}},
    "mediation.followupvisit": {"township_mediator": {"general"}, "county_centre": {"general"}},
    "mediation.hazard": {"grid_worker": {"general", "violent"}},  # the own reports
    "mediation.party": {"neighbour": {"general"}},
}  # fmt: skip
# The words that somebody is shown who does not read the dispute: (person, model, dispute) on the page of the row.
ALSO = {
    ("police_department", "track", "general"): {"briefing", "former_result"},
    ("police_department", "track", "complex"): {"briefing", "result"},
    ("judges_clerk", "track", "complex"): {"briefing"},
    ("joint_department", "departmenttask", "general"): {"task", "former_answer"},
    ("joint_department", "departmenttask", "major"): {"task", "answer"},
    ("outside_joint_department", "departmenttask", "major"): {"other_task"},
    ("township_mediator", "escalationrequest", "general"): {"reason"},
    ("respected_helper", "helperinvitation", "general"): {"summary"},
    # the own papers: where it stands, the agreement, the sittings they are asked to
    ("neighbour", "party", "general"): {"agreement", "place"},
}  # fmt: skip
# Caucus notes: their writer alone, on the page of the note.
CAUCUS_OF = {
    "village_mediator": {"general", "violent"}, "township_mediator": {"complex"}, "county_centre": {"major"},
    "outside_village_mediator": {"foreign"},
}  # fmt: skip
# Signals: the scene's led to the general dispute; only who works on that reads its words, on its page, written down.
KEEP = {"signal": {"village_mediator", "colleague"}}


def people(scene: Scene) -> list[str]:
    """Return the names of everybody in the scene."""
    return sorted(scene.county.people)


def models_of_a_dispute():
    """Return the models of mediation whose rows belong to a dispute."""
    for model in apps.get_app_config("mediation").get_models():
        fields = [field for field in model._meta.get_fields() if isinstance(field, ForeignKey)]
        if any(field.related_model is Dispute for field in fields):
            yield model


def reads(key: str, tag: str | None) -> bool:
    return tag in READS_OF.get(key, ())


def sees(key: str, label: str, tag: str | None) -> bool:
    """Whether somebody sees the rows of a model of a dispute. Who mediates on site does not look after who read it."""
    reading = reads(key, tag) and (key, label) != ("grid_worker", "mediation.disputeaccess")
    return reading or tag in BESIDES.get(label, {}).get(key, ())


def knows(key: str) -> set[str]:
    """Return the disputes of which somebody knows that they are."""
    besides = [rows.get(key, set()) for rows in BESIDES.values()]
    return READS_OF.get(key, set()) | MASKED.get(key, set()) | set().union(*besides)


def shown(key: str, door: str, model: str, tag: str | None) -> set[tuple[str, str]]:
    """Return the classes of fields that somebody may be shown at a door of a model, at the row of a dispute."""
    found = {(tag, kind) for kind in OF_READERS[door]} if reads(key, tag) else set()
    if door == EXPORTS:
        return {(name, kind) for name in READS_OF.get(key, ()) for kind in OF_READERS[door]}
    if door == PAGES:
        found |= {(tag, kind) for kind in ALSO.get((key, model, tag), ())}
        if model == "hazard" and sees(key, "mediation.hazard", tag):
            found |= {(tag, "hazard")}  # of one that became a dispute: on its page alone, and written down
        if model == "mediationnote" and tag in CAUCUS_OF.get(key, ()):
            found |= {(tag, "caucus")}
        if key in KEEP.get(model, ()):
            found |= {("general", model)}
    return found
