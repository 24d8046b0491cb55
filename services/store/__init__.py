"""Everything that knows the database and the event store library; nothing outside this package does."""
