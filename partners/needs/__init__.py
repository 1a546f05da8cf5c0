"""Needs of residents (需求): raised, verified, grouped, answered, called back; and visits on which they are heard."""
