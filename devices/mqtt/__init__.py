"""MQTT: the bridge that brings readings from a broker to the one ingest, and what a broker may ask us."""
