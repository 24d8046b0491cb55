"""What may be believed: facts of a question are gathered, weighed by a policy and explained (semantics, section 5)."""
