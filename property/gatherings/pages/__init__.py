"""Phone pages of neighbours' events: under /r/ for residents, under /m/ for who organises them."""
