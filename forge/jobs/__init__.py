"""Daily and weekly jobs of the worker, and which function does each kind of job."""
