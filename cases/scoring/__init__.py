"""Scoring: what cases, units, areas and scenes are measured by, from the Event table alone (docs/scoring.md).

names        which events the figures are read from
fold         one case's events → its facts (pure)
facts        reading events and storing facts; catching up and rebuilding (keeping)
indicators   numerator and denominator of every indicator
dimensions   by what figures are compared; scenes: which of them a fact counts for
figures      counting; ranking: scores and ranks; drill: the cases behind a figure
periods      freezing a period with its formula; appeals against its lines
"""
