"""Phone pages of stewards: /m/stewards/ for everybody in a team, /r/stewards/ for residents of its place."""
