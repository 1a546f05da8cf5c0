"""Phone pages for people who work outdoors, under ``/m/``: today's tasks, rounds, cases, reporting.

They work without JavaScript; ``cases/mobile.js`` adds the position and keeps check-ins while there is no network.
"""
