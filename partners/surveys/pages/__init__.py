"""Pages of questionnaires: under /r/ for residents, under /m/ for who asks at the door."""
