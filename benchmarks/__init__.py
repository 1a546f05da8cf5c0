"""Measurements of the whole product as it is started by ``make run``, each on a fresh instance of its own."""
