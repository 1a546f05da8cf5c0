"""Who has an interest in a project: its claimants, the people who act for them, its helpers, and their units."""

from governance.models import Appointment, OrgUnit, Role, User
from partners.models import Claim, Project, ProjectAttendance


def acts_for_claim(claim: Claim, person: User) -> bool:
    """Tell whether a person is the partner of a claim, or acts for it now."""
    partner = claim.partner
    if person.pk == partner.person_id:
        return True
    if partner.unit_id is None:
        return False
    held = Appointment.objects.in_force().filter(user=person, unit=partner.unit_id, role=Role.PARTNER)
    return held.exists()


def interested(project: Project, person: User, unit: OrgUnit | None = None) -> bool:
    """Tell whether a person (asked for ``unit``) has a stake in a project: nobody evaluates their own.

    Any claim counts, also one that was declined: who wanted the project does not judge it.
    """
    for claim in Claim.objects.filter(project=project).select_related("partner"):
        partner = claim.partner
        if person.pk in (partner.person_id, partner.applicant_id, claim.claimed_by_id):
            return True
        if partner.unit_id is None:
            continue
        if unit is not None and unit.pk == partner.unit_id:
            return True
        if Appointment.objects.in_force().filter(user=person, unit=partner.unit_id).exists():
            return True
    return ProjectAttendance.objects.filter(project=project, person=person, claim__isnull=False).exists()
