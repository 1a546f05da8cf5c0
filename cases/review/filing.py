"""What a registrar is proposed before a report is filed: what the text model takes it for, in one statement.

Every report without a category goes this way while it is being created, so nothing is looked up beforehand.
"""

from decimal import Decimal

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.dispatch.by_text import THOUSANDTH, said_about
from cases.dispatch.plans import percent, stored
from cases.models import Case, ProposalMethod

# Stands in a reason for the name of the category, which only the statement knows.
NAME = "\x01"
# A code counts where exactly one category in use has it; its standard is named where it has exactly one in use.
PROPOSE = """
INSERT INTO cases_dispatchproposal (
    case_id, rank, method, category_id, standard_id, parts, limit_unit, confidence, reason, model_version, made_at
)
SELECT %(case)s, row_number() OVER (ORDER BY said.place), %(method)s, category.id, standard.id, '{}', '',
       said.confidence, replace(said.reason, %(name)s, category.name), %(version)s, %(at)s
FROM unnest(%(codes)s::text[], %(confidences)s::numeric[], %(reasons)s::text[])
     WITH ORDINALITY AS said (code, confidence, reason, place)
CROSS JOIN LATERAL (
    SELECT min(id) AS id, min(name) AS name FROM cases_casecategory
    WHERE code = said.code AND is_active HAVING count(*) = 1
) AS category
LEFT JOIN LATERAL (
    SELECT min(id) AS id FROM cases_filingstandard
    WHERE category_id = category.id AND is_active HAVING count(*) = 1
) AS standard ON true
"""


def category_proposals_write(case: Case) -> None:
    """Write what the text model takes a report without a category for, and what came second; at most one statement."""
    said = said_about(case, "category")
    if said is None:
        return
    named = [(said.label, said.confidence), (said.runner_up, said.runner_up_confidence)]
    named = [(code, Decimal(share).quantize(THOUSANDTH)) for code, share in named if code]
    with connection.cursor() as cursor:
        cursor.execute(
            PROPOSE,
            {
                "case": case.pk,
                "method": str(ProposalMethod.CLASSIFIER),
                "name": NAME,
                "version": said.model_version,
                "at": timezone.now(),
                "codes": [code for code, _share in named],
                "confidences": [share for _code, share in named],
                "reasons": [stored(lambda share=share: _reason(share)) for _code, share in named],
            },
        )


def _reason(share: Decimal) -> str:
    return _("By its text “%(label)s” (%(share)s)") % {"label": NAME, "share": percent(share)}
