"""Exchange of records with other catalogues over HTTP and from folders."""
