"""Colours of states."""

from partners.earning.workflow import CertificateState, DonationState, RecordState, SheetState

RECORD_TONES = {
    RecordState.SUBMITTED: "blue", RecordState.CHECKED: "amber", RecordState.APPROVED: "green",
    RecordState.DECLINED: "grey", RecordState.REVERSED: "red",
}  # fmt: skip
DONATION_TONES = {
    DonationState.RECEIVED: "blue", DonationState.CHECKED: "amber", DonationState.APPROVED: "green",
    DonationState.DECLINED: "grey", DonationState.RETURNED: "red",
}  # fmt: skip
SHEET_TONES = {
    SheetState.PROPOSED: "blue", SheetState.CONFIRMED: "amber", SheetState.DISPUTED: "red",
    SheetState.SETTLED: "green", SheetState.WITHDRAWN: "grey",
}  # fmt: skip
CERTIFICATE_TONES = {CertificateState.VALID: "green", CertificateState.REVOKED: "red"}
