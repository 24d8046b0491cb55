"""The use cases of the ledger, its store, its settings and its command line; all that touches the outer world."""
