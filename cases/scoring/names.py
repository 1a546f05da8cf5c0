"""Names of the events that figures are read from, and what of their payload is. The only place that spells them."""

REPORTED = "case.reported"
VERIFIED = "case.verified"
ACCEPTED = "case.accepted"
REJECTED = "case.rejected"
DISPATCHED = "case.dispatched"
ARBITRATED = "case.arbitrated"  # a dispatch by the operations centre that cannot be returned
HANDED_OVER = "case.handed_over"  # another lead within the limit that runs
RECALLED = "case.recalled"
SIGNED = "case.signed"
CONTACTED = "case.contacted"
BEGUN = "case.handling_begun"
RETURNED = "case.returned"
EXTENDED = "case.extended"
SUSPENDED = "case.suspended"
RESUMED = "case.resumed"
SUBMITTED = "case.submitted"
INSPECTED = "case.inspected"
REWORKED = "case.reworked"
CLOSED = "case.closed"
DISPOSED = "case.disposed"  # dealt with on the spot, and closed by that
REOPENED = "case.reopened"
MERGED = "case.merged"
CANCELLED = "case.cancelled"
OVERDUE = "case.overdue"
RATED = "case.rated"
APPEAL_UPHELD = "case.appeal_upheld"
APPEAL_SETTLED = "case.appeal_settled"  # upheld where its payload says so

# Keys of payloads.
LEAD = "lead"
DUE_AT = "due_at"
STAGE = "stage"
SCORE = "score"
SOLVED = "solved"
OUTCOME = "outcome"
UPHELD = "upheld"
