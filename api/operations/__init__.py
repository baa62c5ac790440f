"""What operators see of the API: metrics, readiness, startup checks, retention."""
