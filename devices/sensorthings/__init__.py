"""OGC SensorThings API v1.1 (18-088), Part 1 Sensing, under ``/v1.1/``: what devices report, for programs outside."""
