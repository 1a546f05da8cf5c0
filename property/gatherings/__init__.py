"""Neighbours' events (邻里节): plan, sign-up, volunteers, check-in, photos, feedback, cost; and skill exchange."""
