"""The checks of `forge doctor`, which lists them: functions that yield how soon something is to do, and a sentence."""
