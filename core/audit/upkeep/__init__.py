"""The upkeep of the record: upgrade, backup, restore, verify, purge."""
