"""Early warning: more disputes in the making of one type at one place than is usual; never about persons.

streams         which events are counted where and when: reports (signals, hazards) and finds of patrols
watching        the nightly scan of every watch; weekly and short-history tests beside it
keeping         writing what was found: new, grown or held back
issues          hot issues: signals of one type and place that are about the same matter
"""
