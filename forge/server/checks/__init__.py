"""The checks of `forge doctor`: functions that take a `CheckContext` and give findings; `doctor` lists them."""
