"""The exchange with other catalogues on The Update Framework: keys, roots, the folder that is published."""
