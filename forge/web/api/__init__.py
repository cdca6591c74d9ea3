"""The JSON API for programs below `/api/v1`: what its resources share."""
