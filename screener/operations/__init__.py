"""Running the deployment: migrate, back up, restore, reseal, erase, reconcile."""
