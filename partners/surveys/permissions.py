"""Who may view and change what belongs to questionnaires. Transitions carry their own rule."""

from governance.permissions import ADMIN_ONLY, permit
from partners.surveys.querysets import ASKING_ROLES, LOOKING_ROLES, RUNNING_ROLES

RUNNERS = frozenset(RUNNING_ROLES)
READERS = frozenset([*RUNNING_ROLES, *LOOKING_ROLES])
CONCERNED = READERS | frozenset(ASKING_ROLES)

permit("partners.survey", view=CONCERNED, add=RUNNERS)
permit("partners.surveyanswersheet", view=CONCERNED)
permit("partners.surveymark", view=READERS)
# Templates are shipped and chosen from; which are offered is the administrator's.
permit("partners.surveytemplate", view=READERS, change=ADMIN_ONLY)
# Questions and answers are parts of theirs.
for name in ("surveyquestion", "surveyanswer"):
    permit(f"partners.{name}", view=READERS)
