"""How staff sign in, what each may do, sessions and second factors."""
