"""Working together on a dispute: tiers and who handles them, three tracks under one lead, tasks of departments,
sittings and notes, and the respected locals (乡贤) who are invited to help.
"""
