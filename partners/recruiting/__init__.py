"""Recruiting partners: applications, qualifications, agreements, what partners offer and the directory of it."""
