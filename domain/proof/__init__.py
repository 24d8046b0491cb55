"""What was recorded can be proved to whoever trusts nobody: by hashes, signatures and one small program."""
