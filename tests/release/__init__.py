"""What only ``make test-release`` runs beside the rest: the tree on a machine that has nothing."""
