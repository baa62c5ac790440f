"""What goes on while the API is away: contact, the spool of decisions, and its delivery."""
