"""What a claim is and what follows from claims: events, decisions, folds, policies; no clock, no store, no network."""
