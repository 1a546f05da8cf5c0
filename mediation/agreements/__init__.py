"""Mediation agreements (调解协议): clauses, obligations, signing, performance, and the papers of the whole file."""
