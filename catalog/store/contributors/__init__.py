"""Who helps with a project, as people said it here, and the erasure of an account with the names it gave."""
