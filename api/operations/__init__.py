"""Operations of the API: metrics, readiness, startup checks, retention."""
