"""Phone pages of stewards: under /m/stewards/ for everybody in a team, under /r/stewards/ for residents of its place."""
