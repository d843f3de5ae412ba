"""Staff: accounts, invitations, roles and their permissions."""
