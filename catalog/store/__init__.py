"""All SQL of the catalogue, a package for each subject; `store` gathers them for one database."""
