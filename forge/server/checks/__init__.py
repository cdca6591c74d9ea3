"""The checks of `forge doctor`: functions that yield how soon something is to do and a sentence; `doctor` lists them."""
