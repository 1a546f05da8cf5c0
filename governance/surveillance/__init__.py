"""Surveillance: is there more of something, here and now, than chance explains? Pure statistics.

Arrays in, signals out: no models, no files, no clock. Whoever calls decides which counts are watched and what follows.

zones      circles of places that may hold a cluster
scan       prospective space-time scan (space-time permutation, Poisson) with Monte-Carlo p-values
ears       EARS C2 for single series of daily counts, also with little history
rates      exact comparison of two counts, and false discovery among many comparisons

For early warning of disputes (domain/mediation.md), imported from their own modules:

usual          what is expected of each place and day: a year's rate × weekday × level, per visit where there are visits
expectation    expectation-based Poisson space-time scan over each place's nearest places
null           how high its score goes where nothing happens: thresholds and recurrence intervals
farrington     Farrington-flexible for weekly counts with years of history
short_history  C2 as modified for series with little history
repeats        one complainant counts once in a while
"""

from governance.surveillance.ears import C2, c2_false_alarm_rate, ears_c2
from governance.surveillance.rates import false_discovery, rate_change
from governance.surveillance.scan import Cluster, Scan, scan_permutation, scan_poisson
from governance.surveillance.zones import Zones, circles

__all__ = [
    "C2",
    "Cluster",
    "Scan",
    "Zones",
    "c2_false_alarm_rate",
    "circles",
    "ears_c2",
    "false_discovery",
    "rate_change",
    "scan_permutation",
    "scan_poisson",
]
