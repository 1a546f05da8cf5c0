"""Pages for the phone: of the property company and the community under ``/m/``, of residents under ``/r/estate/``."""
