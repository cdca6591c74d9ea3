"""Visits of mirrors from due to done: schedule, politeness, fetching, reading, findings."""
