"""What slow clients cost the others."""
