"""The ground floor: what the catalogue knows. It speaks no HTTP, runs no git and reads no clock."""
