"""Contributors: who helps with a project, as stated here, and the erasure of an account with the names it gave."""
