"""Who works here: accounts, how they sign in, and what each may do."""
