"""The resources of `/api/v1`, each with its routes and their descriptions."""
