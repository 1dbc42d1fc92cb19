"""One folder for each venue: its wire, its codes, its shapes."""
