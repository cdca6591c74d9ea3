"""The commands of `forge`, grouped by what they are about; `forge.cli` joins them."""
