"""Who may do what: whoever asks is a caller, with a name that the ledger keeps and with rights."""
