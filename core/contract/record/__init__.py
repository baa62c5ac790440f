"""The record of decisions, as answers say it: predictions, and what officers decided on them."""
