"""For which dwellings somebody may answer, and who lives in the place of a questionnaire."""

from django.db.models import Q

from governance.models import Dwelling, DwellingUse, Ownership, Residency, User
from partners.models import Survey

TIES = (Residency, Ownership)


def dwellings_asked(survey: Survey):
    """Return the dwellings a questionnaire asks: those in use in its place in which people live."""
    return _lived_in().filter(**survey.place_kwargs).order_by("code")


def _lived_in():
    return Dwelling.objects.filter(is_active=True, use=DwellingUse.RESIDENTIAL)


def homes_of_person(person: User):
    """Return the dwellings, wherever they lie, in which a person lives or which they own, verified."""
    mine = Q(pk__in=[])
    for model in TIES:
        mine |= Q(pk__in=model.objects.current().order_by().filter(user=person).values("dwelling_id"))
    return _lived_in().filter(mine).order_by("code")


def dwellings_of(person: User, survey: Survey):
    """Return the dwellings for which a person may answer: where they live or what they own, verified."""
    return homes_of_person(person).filter(**survey.place_kwargs).with_address()


def people_of(survey: Survey, *, dwellings=None):
    """Return the active people with an account who live or own in the place, or in ``dwellings`` of it."""
    within = (dwellings if dwellings is not None else dwellings_asked(survey)).order_by().values("pk")
    found = Q(pk__in=[])
    for model in TIES:
        found |= Q(pk__in=model.objects.current().order_by().filter(dwelling__in=within).values("user_id"))
    return User.objects.filter(found, is_active=True, is_system=False).order_by("pk")
