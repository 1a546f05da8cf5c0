"""Judicial confirmation (司法确认) of an agreement: eligibility, joint application in time, the court's steps."""
