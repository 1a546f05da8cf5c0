"""Who sees and opens files of a dispute.

Who reads the dispute sees that there is a file and what it is; the organ of a track the documents of its own track; the
clerk of the court what is marked for it, once confirmation was applied for there. Opening one takes more: a scan shows
names and identity numbers in the clear, so breaking the glass, which unmasks nobody and takes no paper (0046), opens
none. Helpers, departments asked and counsellors see none.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from governance.models.organisation import Role
from governance.scoping import Relation, ScopedQuerySet, visible_q
from mediation.confirmation.querysets import COURT
from mediation.disputes.querysets import HANDLES, IMPARTIAL, READS, WORKS, OfDispute, through_dispute
from mediation.joint.querysets import ORGAN, either


@dataclass(frozen=True)
class OfTrack(Relation):
    """A relation asked of the track whose document it is; rows load ``track__dispute``."""

    asked: Relation

    def q(self, grant, user):
        found = apps.get_model("mediation", "track").objects.filter(self.asked.q(grant, user))
        return Q(Exists(found.filter(pk=OuterRef("track_id"))))

    def holds(self, obj, grant, user):
        return obj.track is not None and self.asked.holds(obj.track, grant, user)


@dataclass(frozen=True)
class ForCourt(Relation):
    """It is marked for the court, and confirmation was applied for at the clerk's."""

    def q(self, grant, user):
        return Q(for_court=True) & Q(Exists(self._applied(grant, user).filter(dispute_id=OuterRef("dispute_id"))))

    def holds(self, obj, grant, user):
        return obj.for_court and self._applied(grant, user).filter(dispute_id=obj.dispute_id).exists()

    @staticmethod
    def _applied(grant, user):
        rows = apps.get_model("mediation", "judicialconfirmation").objects
        return rows.filter(COURT[Role.JUDGES_CLERK].q(grant, user))


OF_ORGAN = {role: OfTrack(relation) for role, relation in ORGAN.items()}
OF_COURT = {Role.JUDGES_CLERK: ForCourt()}
SEES = either(through_dispute(READS), OF_ORGAN, OF_COURT)
OPENS = {
    role: relation & OfDispute(IMPARTIAL)
    for role, relation in either(through_dispute(WORKS), OF_ORGAN, OF_COURT).items()
}
# Who adds the document of a track: its organ, and who carries the dispute on (the lead of the joint work).
ADDS_TO_TRACK = either(ORGAN, through_dispute(HANDLES))


class FileQuerySet(ScopedQuerySet):
    VISIBLE = SEES

    def with_rows(self):
        """Load what a row shows and its visibility reads."""
        related = ("dispute__area", "track__dispute", "track__organ", "added_by", "removed_by")
        return self.select_related(*related).defer("dispute__area__boundary")

    def kept(self):
        """Files that were not taken away."""
        return self.filter(removed_at=None)

    def opened_to(self, user):
        """Files whose content a person may open."""
        found = visible_q(OPENS, user)
        return self.none() if found is None else self.filter(found)

    def files_visible_to(self, user):
        """The same, asked by the door of files."""
        return self.opened_to(user)
