"""Collections: a taken part leaves, both sides say how much, and calendars, route sheets and labels help it along."""
