"""Colours of states."""

from partners.credit.workflow import CandidateState, CreditAppealState, FormulaState, ListState, NoteState

FORMULA_TONES = {FormulaState.DRAFT: "grey", FormulaState.IN_FORCE: "green", FormulaState.REPLACED: "blue"}
NOTE_TONES = {NoteState.RECORDED: "grey", NoteState.TOLD: "amber", NoteState.ANNULLED: "blue"}
CREDIT_APPEAL_TONES = {
    CreditAppealState.OPEN: "amber", CreditAppealState.UPHELD: "green", CreditAppealState.DECLINED: "red",
    CreditAppealState.WITHDRAWN: "grey",
}  # fmt: skip
LIST_TONES = {ListState.DECIDING: "amber", ListState.PUBLISHED: "green", ListState.WITHDRAWN: "grey"}
CANDIDATE_TONES = {CandidateState.PROPOSED: "amber", CandidateState.CHOSEN: "green", CandidateState.NOT_CHOSEN: "grey"}
