"""The ledger over HTTP: what is sent becomes a command, what is asked becomes a query, and errors become problems."""
