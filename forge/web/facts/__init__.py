"""Facts as pages show them: labels, values, origins, and which of several values is shown."""
