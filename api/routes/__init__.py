"""A route is three moves: the wire in, one call of a service, the wire out."""
