"""What an operator does with the record: upgrade, backup, restore, verify, purge."""
