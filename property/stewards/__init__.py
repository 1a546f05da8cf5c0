"""Red stewards: teams of party members, residents and volunteers; shifts, rounds, outreach, disputes seen, hours."""
