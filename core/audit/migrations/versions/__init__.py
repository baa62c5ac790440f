"""The migrations, one a change; none is changed once it was released."""
